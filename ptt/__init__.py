"""ptt: push-to-talk group conferencing for a company's own network."""
