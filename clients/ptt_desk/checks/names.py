"""What is looked at, in the order in which people read it: first this machine, then the way out."""

PREFERENCES = "preferences"
CREDENTIAL = "credential"
TALK = "ptt talk"
SOUND_LIBRARY = "sound library"
VOICE_LIBRARY = "voice library"
MICROPHONE = "microphone"
LOUDSPEAKER = "loudspeaker"
KEY = "key"
SERVER_NAME = "server name"
SERVER = "server"
SERVER_KEY = "server key"
FLOOR_SERVER = "floor server"
CLOCK = "clock"
SESSION = "session"
VERSION = "version"
VOICE_PORT = "voice port"
ROUND_TRIP = "round trip"
LOSS = "loss"
JITTER = "jitter"

HERE = (PREFERENCES, CREDENTIAL, TALK)
SOUND = (SOUND_LIBRARY, VOICE_LIBRARY, MICROPHONE, LOUDSPEAKER)
REACH = (SERVER_NAME, SERVER, SERVER_KEY, FLOOR_SERVER, CLOCK)
WAY = (VOICE_PORT, ROUND_TRIP, LOSS, JITTER)
LOGGED_IN = (SESSION, VERSION, *WAY)
ALL = (*HERE, *SOUND, KEY, *REACH, *LOGGED_IN)
