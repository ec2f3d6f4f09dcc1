"""How findings look in a terminal and in JSON."""

import json

import pytest

from ptt_console.doctor import as_object, print_finding, summary
from ptt_desk.checks.finding import ok, problem, skipped, warning

FINDINGS = [
    ok("clock", "Within 1 s of the server's", offset_seconds=0.123456789),
    warning("loss", "3 of 50 probes lost", "use a cable", share=0.06),
    problem("voice port", "Nothing comes back", "let UDP out"),
    *skipped("jitter", "no datagram comes back"),
]


def test_each_line_has_a_sign_a_word_a_name_and_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for finding in FINDINGS:
        print_finding(finding)

    assert capsys.readouterr().out.splitlines() == [
        "+ ok       clock          Within 1 s of the server's.",
        "! warning  loss           3 of 50 probes lost: use a cable.",
        "x problem  voice port     Nothing comes back: let UDP out.",
        "- skipped  jitter         Skipped, because no datagram comes back.",
    ]


def test_the_last_line_counts() -> None:
    assert summary(FINDINGS) == "1 problem, 1 warning."
    assert summary(FINDINGS[1:2] * 2) == "0 problems, 2 warnings."
    assert summary(FINDINGS[:1]) == "All is well."


def test_json_has_verdict_sentence_advice_and_figures() -> None:
    told = json.loads(json.dumps(as_object(FINDINGS)))

    assert told["verdict"] == "problem"
    assert told["findings"][0] == {
        "name": "clock",
        "verdict": "ok",
        "sentence": "Within 1 s of the server's",
        "advice": "",
        "measured": {"offset_seconds": 0.123457},
    }
    assert told["findings"][2]["advice"] == "let UDP out"
