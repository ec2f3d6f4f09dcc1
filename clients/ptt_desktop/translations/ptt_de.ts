<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>Banner</name>
        <message>
            <source>Take this sentence away</source>
            <translation>Diesen Satz wegnehmen</translation>
        </message>
    </context>
    <context>
        <name>ChannelsView</name>
        <message>
            <source>Channels and people</source>
            <translation>Kanäle und Personen</translation>
        </message>
        <message>
            <source>Ticked: you are in this channel and hear it.</source>
            <translation>Angehakt: Sie sind in diesem Kanal und hören ihn.</translation>
        </message>
        <message>
            <source>not joined</source>
            <translation>nicht dabei</translation>
        </message>
        <message>
            <source>muted</source>
            <translation>stumm</translation>
        </message>
        <message>
            <source>listen only</source>
            <translation>nur hören</translation>
        </message>
        <message numerus="yes">
            <source>%n here</source>
            <translation>
                <numerusform>%n da</numerusform>
                <numerusform>%n da</numerusform>
            </translation>
        </message>
        <message>
            <source>{name} (you)</source>
            <translation>{name} (Sie)</translation>
        </message>
        <message>
            <source>talks</source>
            <translation>spricht</translation>
        </message>
        <message>
            <source>waits, place {place}</source>
            <translation>wartet, Platz {place}</translation>
        </message>
        <message>
            <source>hears nothing</source>
            <translation>hört nichts</translation>
        </message>
        <message>
            <source>away</source>
            <translation>abwesend</translation>
        </message>
        <message>
            <source>In this channel</source>
            <translation>In diesem Kanal</translation>
        </message>
        <message>
            <source>Muted</source>
            <translation>Stumm</translation>
        </message>
        <message>
            <source>Volume of {name}</source>
            <translation>Lautstärke von {name}</translation>
        </message>
        <message>
            <source>as it is</source>
            <translation>unverändert</translation>
        </message>
    </context>
    <context>
        <name>DeviceChoice</name>
        <message>
            <source>as the system chooses</source>
            <translation>wie das System wählt</translation>
        </message>
    </context>
    <context>
        <name>DoctorPage</name>
        <message>
            <source>&amp;Look again</source>
            <translation>&amp;Noch einmal prüfen</translation>
        </message>
        <message>
            <source>Looking …</source>
            <translation>Prüfung läuft …</translation>
        </message>
        <message>
            <source>All is well.</source>
            <translation>Alles in Ordnung.</translation>
        </message>
        <message>
            <source>Problems: {problems}, warnings: {warnings}.</source>
            <translation>Probleme: {problems}, Warnungen: {warnings}.</translation>
        </message>
        <message>
            <source>Join by an invite</source>
            <translation>Mit einer Einladung beitreten</translation>
        </message>
        <message>
            <source>Use the system's devices</source>
            <translation>Geräte des Systems benutzen</translation>
        </message>
        <message>
            <source>Begin with fresh preferences</source>
            <translation>Mit neuen Einstellungen beginnen</translation>
        </message>
        <message>
            <source>Choose a key</source>
            <translation>Taste wählen</translation>
        </message>
        <message>
            <source>ok</source>
            <translation>in Ordnung</translation>
        </message>
        <message>
            <source>warning</source>
            <translation>Warnung</translation>
        </message>
        <message>
            <source>problem</source>
            <translation>Problem</translation>
        </message>
        <message>
            <source>skipped</source>
            <translation>ausgelassen</translation>
        </message>
    </context>
    <context>
        <name>FileGroup</name>
        <message>
            <source>File</source>
            <translation>Datei</translation>
        </message>
        <message>
            <source>Plain text that you can edit; changes hold at once.</source>
            <translation>Einfacher Text, den Sie bearbeiten können; Änderungen gelten sofort.</translation>
        </message>
        <message>
            <source>Open the folder</source>
            <translation>Ordner öffnen</translation>
        </message>
    </context>
    <context>
        <name>FirstRun</name>
        <message>
            <source>&amp;Back</source>
            <translation>&amp;Zurück</translation>
        </message>
        <message>
            <source>&amp;Skip</source>
            <translation>Ü&amp;berspringen</translation>
        </message>
        <message>
            <source>Hold the key, or the big button, and speak: what you say before the tone is kept and sent.

All of this is also in the menu: Settings, What does not work?, and Join by an invite link.</source>
            <translation>Halten Sie die Taste oder den großen Knopf und sprechen Sie: Was Sie vor dem Ton sagen, wird aufgehoben und gesendet.

All das steht auch im Menü: Einstellungen, Was geht nicht? und Mit einer Einladung beitreten.</translation>
        </message>
        <message>
            <source>Join a server</source>
            <translation>Einem Server beitreten</translation>
        </message>
        <message>
            <source>Microphone and loudspeaker</source>
            <translation>Mikrofon und Lautsprecher</translation>
        </message>
        <message>
            <source>How you talk</source>
            <translation>Wie Sie sprechen</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>{step} of {steps}</source>
            <translation>{step} von {steps}</translation>
        </message>
        <message>
            <source>&amp;Join</source>
            <translation>&amp;Beitreten</translation>
        </message>
        <message>
            <source>&amp;Next</source>
            <translation>&amp;Weiter</translation>
        </message>
        <message>
            <source>&amp;Start</source>
            <translation>&amp;Los</translation>
        </message>
    </context>
    <context>
        <name>FloorPanel</name>
        <message>
            <source>&amp;Leave the queue</source>
            <translation>&amp;Schlange verlassen</translation>
        </message>
        <message>
            <source>Hear the last talk &amp;again</source>
            <translation>Letztes &amp;noch einmal hören</translation>
        </message>
        <message>
            <source>You talk</source>
            <translation>Sie sprechen</translation>
        </message>
        <message>
            <source>{who} talks</source>
            <translation>{who} spricht</translation>
        </message>
        <message>
            <source>heard again</source>
            <translation>noch einmal</translation>
        </message>
        <message>
            <source>{time} left</source>
            <translation>noch {time}</translation>
        </message>
        <message>
            <source>Not connected</source>
            <translation>Nicht verbunden</translation>
        </message>
        <message>
            <source>Not in this channel</source>
            <translation>Nicht in diesem Kanal</translation>
        </message>
        <message>
            <source>Nobody talks</source>
            <translation>Niemand spricht</translation>
        </message>
        <message>
            <source>Asking for the floor</source>
            <translation>Sprecherlaubnis erbeten</translation>
        </message>
        <message>
            <source>You wait, place {place}</source>
            <translation>Sie warten, Platz {place}</translation>
        </message>
        <message>
            <source>You talk in {channel}</source>
            <translation>Sie sprechen in {channel}</translation>
        </message>
        <message>
            <source>{who} talks in {channel}</source>
            <translation>{who} spricht in {channel}</translation>
        </message>
        <message>
            <source>Again: {who}</source>
            <translation>Noch einmal: {who}</translation>
        </message>
        <message>
            <source>There is no channel for you yet</source>
            <translation>Noch gibt es keinen Kanal für Sie</translation>
        </message>
        <message>
            <source>Emergency: {who} talks</source>
            <translation>Notfall: {who} spricht</translation>
        </message>
        <message>
            <source>Nobody speaks: the floor goes back in a moment.</source>
            <translation>Niemand spricht: Das Mikrofon schließt gleich.</translation>
        </message>
        <message>
            <source>Before you: {names}</source>
            <translation>Vor Ihnen: {names}</translation>
        </message>
        <message>
            <source>nobody</source>
            <translation>niemand</translation>
        </message>
        <message>
            <source>Waiting: {names}</source>
            <translation>Es warten: {names}</translation>
        </message>
        <message numerus="yes">
            <source>{names} and %n more</source>
            <translation>
                <numerusform>{names} und %n weitere Person</numerusform>
                <numerusform>{names} und %n weitere</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>InviteStep</name>
        <message>
            <source>Whoever runs the server gives you an invite: a link that begins with ptt://</source>
            <translation>Wer den Server betreibt, gibt Ihnen eine Einladung: einen Link, der mit ptt:// beginnt</translation>
        </message>
        <message>
            <source>&amp;Invite link</source>
            <translation>&amp;Einladungslink</translation>
        </message>
        <message>
            <source>&amp;Name of this device</source>
            <translation>&amp;Name dieses Geräts</translation>
        </message>
        <message>
            <source>&amp;Paste</source>
            <translation>E&amp;infügen</translation>
        </message>
        <message>
            <source>Asking the server …</source>
            <translation>Der Server wird gefragt …</translation>
        </message>
    </context>
    <context>
        <name>KeyCapture</name>
        <message>
            <source>Press the key now (Esc: leave it)</source>
            <translation>Jetzt die Taste drücken (Esc: lassen)</translation>
        </message>
    </context>
    <context>
        <name>KeyStep</name>
        <message>
            <source>Talk by &amp;key</source>
            <translation>Mit &amp;Taste sprechen</translation>
        </message>
        <message>
            <source>Talk hands-&amp;free</source>
            <translation>&amp;Freihändig sprechen</translation>
        </message>
        <message>
            <source>Speaking is enough. The microphone is open, and nobody hears you until then.</source>
            <translation>Sprechen genügt. Das Mikrofon ist offen; bis dahin hört Sie niemand.</translation>
        </message>
        <message>
            <source>Take another key</source>
            <translation>Andere Taste nehmen</translation>
        </message>
        <message>
            <source>Nothing yet.</source>
            <translation>Noch nichts.</translation>
        </message>
        <message>
            <source>It arrived, whichever window you use ({way}).</source>
            <translation>Sie kommt an, in welchem Fenster Sie auch sind ({way}).</translation>
        </message>
        <message>
            <source>Press your key now: {keys}. If nothing arrives, the button in the window and `ptt press` still talk.</source>
            <translation>Drücken Sie jetzt Ihre Taste: {keys}. Kommt nichts an, so bleiben der Knopf im Fenster und `ptt press`.</translation>
        </message>
    </context>
    <context>
        <name>KeysGroup</name>
        <message>
            <source>Keys</source>
            <translation>Tasten</translation>
        </message>
        <message>
            <source>Keys to talk</source>
            <translation>Sprechtasten</translation>
        </message>
        <message>
            <source>Add a key to talk</source>
            <translation>Sprechtaste hinzufügen</translation>
        </message>
        <message>
            <source>Emergency</source>
            <translation>Notfall</translation>
        </message>
        <message>
            <source>Hear the last talk again</source>
            <translation>Letztes noch einmal hören</translation>
        </message>
        <message>
            <source>A tap is shorter than</source>
            <translation>Ein Tippen ist kürzer als</translation>
        </message>
        <message>
            <source>Microphone stays open for</source>
            <translation>Mikrofon bleibt offen für</translation>
        </message>
        <message>
            <source>Hold a key to talk, or tap it once to talk and once to end.</source>
            <translation>Zum Sprechen die Taste halten, oder einmal tippen und zum Beenden noch einmal.</translation>
        </message>
        <message>
            <source>None</source>
            <translation>Keine</translation>
        </message>
        <message>
            <source>{key}: no key</source>
            <translation>{key}: keine Taste</translation>
        </message>
        <message>
            <source>choose a key</source>
            <translation>Taste wählen</translation>
        </message>
        <message>
            <source>{key}  ✕</source>
            <translation>{key}  ✕</translation>
        </message>
        <message>
            <source>Do without the key {key}</source>
            <translation>Die Taste {key} weglassen</translation>
        </message>
    </context>
    <context>
        <name>LevelMeter</name>
        <message>
            <source>Microphone level</source>
            <translation>Mikrofonpegel</translation>
        </message>
        <message>
            <source>The microphone is open.</source>
            <translation>Das Mikrofon ist offen.</translation>
        </message>
        <message>
            <source>Microphone closed</source>
            <translation>Mikrofon geschlossen</translation>
        </message>
        <message>
            <source>The value is the level from which on a voice is heard.</source>
            <translation>Der Wert ist der Pegel, ab dem eine Stimme gehört wird.</translation>
        </message>
    </context>
    <context>
        <name>Notifications</name>
        <message>
            <source>Emergency</source>
            <translation>Notfall</translation>
        </message>
        <message>
            <source>{talker} talks in {channel}</source>
            <translation>{talker} spricht in {channel}</translation>
        </message>
        <message>
            <source>{talker} talks</source>
            <translation>{talker} spricht</translation>
        </message>
        <message>
            <source>It is your turn: talk now</source>
            <translation>Sie sind dran: Sprechen Sie jetzt</translation>
        </message>
        <message>
            <source>Not connected</source>
            <translation>Nicht verbunden</translation>
        </message>
        <message>
            <source>Sound</source>
            <translation>Ton</translation>
        </message>
    </context>
    <context>
        <name>PeopleGroup</name>
        <message>
            <source>People</source>
            <translation>Personen</translation>
        </message>
        <message>
            <source>Lower other channels by</source>
            <translation>Andere Kanäle leiser um</translation>
        </message>
        <message>
            <source>In the list of people, the menu of a name sets their volume too.</source>
            <translation>Auch das Menü eines Namens in der Liste stellt die Lautstärke.</translation>
        </message>
    </context>
    <context>
        <name>Sentences</name>
        <message>
            <source>The server does not answer any more.</source>
            <translation>Der Server antwortet nicht mehr.</translation>
        </message>
        <message>
            <source>The server did not say welcome; trying again.</source>
            <translation>Der Server hat sich nicht gemeldet; neuer Versuch.</translation>
        </message>
        <message>
            <source>The server takes too long to answer.</source>
            <translation>Der Server braucht zu lange für eine Antwort.</translation>
        </message>
        <message>
            <source>The server at {address} takes too long to answer: try again later.</source>
            <translation>Der Server {address} braucht zu lange für eine Antwort: Versuchen Sie es später noch einmal.</translation>
        </message>
        <message>
            <source>The connection to the server at {address} broke: try again.</source>
            <translation>Die Verbindung zum Server {address} ist abgebrochen: Versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <source>The server at {address} gave no proper answer: try again later.</source>
            <translation>Der Server {address} gab keine brauchbare Antwort: Versuchen Sie es später noch einmal.</translation>
        </message>
        <message>
            <source>The server at {address} cannot be reached: {reason}.</source>
            <translation>Der Server {address} ist nicht zu erreichen: {reason}.</translation>
        </message>
        <message>
            <source>There is no connection to the server at the moment.</source>
            <translation>Zurzeit gibt es keine Verbindung zum Server.</translation>
        </message>
        <message>
            <source>The server does not answer: press again.</source>
            <translation>Der Server antwortet nicht: Drücken Sie noch einmal.</translation>
        </message>
        <message>
            <source>The computer slept.</source>
            <translation>Der Rechner hat geschlafen.</translation>
        </message>
        <message>
            <source>The floor server was restarted.</source>
            <translation>Der Sprachserver wurde neu gestartet.</translation>
        </message>
        <message>
            <source>The server stops.</source>
            <translation>Der Server wird beendet.</translation>
        </message>
        <message>
            <source>This device has been revoked: ask for a new invite.</source>
            <translation>Dieses Gerät wurde gesperrt: Bitten Sie um eine neue Einladung.</translation>
        </message>
        <message>
            <source>This device is not known here (any more): ask for a new invite.</source>
            <translation>Dieses Gerät ist hier nicht (mehr) bekannt: Bitten Sie um eine neue Einladung.</translation>
        </message>
        <message>
            <source>This device has connected again from elsewhere.</source>
            <translation>Dieses Gerät hat sich von anderswo neu verbunden.</translation>
        </message>
        <message>
            <source>This channel has been removed.</source>
            <translation>Diesen Kanal gibt es nicht mehr.</translation>
        </message>
        <message>
            <source>You may no longer be in this channel.</source>
            <translation>Sie dürfen nicht mehr in diesem Kanal sein.</translation>
        </message>
        <message>
            <source>You are not in the channel {channel}: join it first.</source>
            <translation>Sie sind nicht im Kanal {channel}: Treten Sie erst bei.</translation>
        </message>
        <message>
            <source>This program speaks another version of the protocol than the server: update it.</source>
            <translation>Dieses Programm spricht eine andere Fassung des Protokolls als der Server: Bringen Sie es auf den neuen Stand.</translation>
        </message>
        <message>
            <source>The server cannot ask its database at the moment.</source>
            <translation>Der Server kann seine Datenbank zurzeit nicht fragen.</translation>
        </message>
        <message>
            <source>Somebody else is talking.</source>
            <translation>Jemand anders spricht.</translation>
        </message>
        <message>
            <source>Nobody else is in this channel.</source>
            <translation>Sonst ist niemand in diesem Kanal.</translation>
        </message>
        <message>
            <source>You may only listen in this channel.</source>
            <translation>In diesem Kanal dürfen Sie nur zuhören.</translation>
        </message>
        <message>
            <source>You may only listen in this channel now.</source>
            <translation>In diesem Kanal dürfen Sie jetzt nur noch zuhören.</translation>
        </message>
        <message>
            <source>Too many people wait to talk: try again later.</source>
            <translation>Zu viele warten schon: Versuchen Sie es später noch einmal.</translation>
        </message>
        <message>
            <source>You do not have the floor any more.</source>
            <translation>Sie haben das Wort nicht mehr.</translation>
        </message>
        <message>
            <source>You talked as long as this channel allows.</source>
            <translation>Sie haben so lange gesprochen, wie dieser Kanal erlaubt.</translation>
        </message>
        <message>
            <source>You talked as long as this channel allows: try again in {seconds} s.</source>
            <translation>Sie haben so lange gesprochen, wie dieser Kanal erlaubt: in {seconds} s wieder.</translation>
        </message>
        <message>
            <source>Something more urgent came in between.</source>
            <translation>Etwas Dringenderes kam dazwischen.</translation>
        </message>
        <message>
            <source>There is no microphone: plug one in and try again.</source>
            <translation>Es gibt kein Mikrofon: Stecken Sie eines ein.</translation>
        </message>
        <message>
            <source>There is no loudspeaker: plug one in and try again.</source>
            <translation>Es gibt keinen Lautsprecher: Stecken Sie einen ein.</translation>
        </message>
        <message>
            <source>The microphone {name} is gone: plug it in again. Until then the system's default is used.</source>
            <translation>Das Mikrofon {name} ist weg: Stecken Sie es wieder ein. Bis dahin gilt das des Systems.</translation>
        </message>
        <message>
            <source>The loudspeaker {name} is gone: plug it in again. Until then the system's default is used.</source>
            <translation>Der Lautsprecher {name} ist weg: Stecken Sie ihn wieder ein. Bis dahin gilt der des Systems.</translation>
        </message>
        <message>
            <source>The microphone {name} is back and in use.</source>
            <translation>Das Mikrofon {name} ist wieder da und in Gebrauch.</translation>
        </message>
        <message>
            <source>The loudspeaker {name} is back and in use.</source>
            <translation>Der Lautsprecher {name} ist wieder da und in Gebrauch.</translation>
        </message>
        <message>
            <source>The microphone is gone: plug it in again or choose another one.</source>
            <translation>Das Mikrofon ist weg: Stecken Sie es wieder ein oder wählen Sie ein anderes.</translation>
        </message>
        <message>
            <source>The loudspeaker is gone: plug it in again or choose another one.</source>
            <translation>Der Lautsprecher ist weg: Stecken Sie ihn wieder ein oder wählen Sie einen anderen.</translation>
        </message>
        <message>
            <source>The microphone {name} is gone: plug it in again or choose another one.</source>
            <translation>Das Mikrofon {name} ist weg: Stecken Sie es wieder ein oder wählen Sie ein anderes.</translation>
        </message>
        <message>
            <source>The loudspeaker {name} is gone: plug it in again or choose another one.</source>
            <translation>Der Lautsprecher {name} ist weg: Stecken Sie ihn wieder ein oder wählen Sie einen anderen.</translation>
        </message>
        <message>
            <source>The keyboard cannot be heard any more: the display is gone.</source>
            <translation>Die Tastatur ist nicht mehr zu hören: Die Anzeige ist weg.</translation>
        </message>
        <message>
            <source>There is nothing to hear again.</source>
            <translation>Es gibt nichts noch einmal zu hören.</translation>
        </message>
    </context>
    <context>
        <name>SettingsPage</name>
        <message>
            <source>Sound</source>
            <translation>Ton</translation>
        </message>
    </context>
    <context>
        <name>Shell</name>
        <message>
            <source>What is wrong?</source>
            <translation>Was geht nicht?</translation>
        </message>
        <message>
            <source>Join again</source>
            <translation>Neu beitreten</translation>
        </message>
    </context>
    <context>
        <name>SoundChoice</name>
        <message>
            <source>&amp;Microphone</source>
            <translation>&amp;Mikrofon</translation>
        </message>
        <message>
            <source>Speak: this moves</source>
            <translation>Sprechen: Hier bewegt sich etwas</translation>
        </message>
        <message>
            <source>Loud&amp;speaker</source>
            <translation>Laut&amp;sprecher</translation>
        </message>
        <message>
            <source>Microphone</source>
            <translation>Mikrofon</translation>
        </message>
        <message>
            <source>Loudspeaker</source>
            <translation>Lautsprecher</translation>
        </message>
        <message>
            <source>Play a &amp;tone</source>
            <translation>&amp;Ton abspielen</translation>
        </message>
        <message>
            <source>&amp;Hear yourself: speak for three seconds</source>
            <translation>Sich selbst &amp;hören: drei Sekunden sprechen</translation>
        </message>
        <message>
            <source>Speak now …</source>
            <translation>Jetzt sprechen …</translation>
        </message>
        <message>
            <source>Hardly anything was heard ({level} dBFS): is it muted?</source>
            <translation>Kaum etwas gehört ({level} dBFS): Ist es stumm?</translation>
        </message>
        <message>
            <source>Well heard ({level} dBFS).</source>
            <translation>Gut zu hören ({level} dBFS).</translation>
        </message>
        <message>
            <source>That was very loud ({level} dBFS): turn it down a little.</source>
            <translation>Das war sehr laut ({level} dBFS): Stellen Sie es etwas leiser.</translation>
        </message>
    </context>
    <context>
        <name>TalkPage</name>
        <message>
            <source>or hold {key}</source>
            <translation>oder {key} halten</translation>
        </message>
        <message>
            <source>Not connected</source>
            <translation>Nicht verbunden</translation>
        </message>
        <message>
            <source>Not in this channel</source>
            <translation>Nicht in diesem Kanal</translation>
        </message>
        <message>
            <source>You may only listen here</source>
            <translation>Hier dürfen Sie nur hören</translation>
        </message>
        <message>
            <source>Asking …</source>
            <translation>Anfrage …</translation>
        </message>
        <message>
            <source>speak: it is kept</source>
            <translation>sprechen Sie: es wird aufgehoben</translation>
        </message>
        <message>
            <source>Waiting, place {place}</source>
            <translation>Warten, Platz {place}</translation>
        </message>
        <message>
            <source>hold on, or let go to leave</source>
            <translation>halten, oder loslassen und gehen</translation>
        </message>
        <message>
            <source>You talk</source>
            <translation>Sie sprechen</translation>
        </message>
        <message>
            <source>tap once more to end</source>
            <translation>noch einmal tippen zum Beenden</translation>
        </message>
        <message>
            <source>let go to end</source>
            <translation>loslassen zum Beenden</translation>
        </message>
        <message>
            <source>Speak to talk</source>
            <translation>Einfach sprechen</translation>
        </message>
        <message>
            <source>or hold this key</source>
            <translation>oder diese Taste halten</translation>
        </message>
        <message>
            <source>Hold to talk</source>
            <translation>Zum Sprechen halten</translation>
        </message>
        <message>
            <source>good network</source>
            <translation>Netz gut</translation>
        </message>
        <message>
            <source>fair network</source>
            <translation>Netz mäßig</translation>
        </message>
        <message>
            <source>poor network</source>
            <translation>Netz schlecht</translation>
        </message>
        <message>
            <source>no network</source>
            <translation>kein Netz</translation>
        </message>
        <message>
            <source>loss {loss} %, jitter {jitter} ms, round trip {trip}</source>
            <translation>Verlust {loss} %, Schwankung {jitter} ms, hin und zurück {trip}</translation>
        </message>
    </context>
    <context>
        <name>TonesGroup</name>
        <message>
            <source>Tones</source>
            <translation>Töne</translation>
        </message>
        <message>
            <source>Volume</source>
            <translation>Lautstärke</translation>
        </message>
        <message>
            <source>Talk now</source>
            <translation>Jetzt sprechen</translation>
        </message>
        <message>
            <source>Refused</source>
            <translation>Abgelehnt</translation>
        </message>
        <message>
            <source>You wait</source>
            <translation>Sie warten</translation>
        </message>
        <message>
            <source>Your turn</source>
            <translation>Sie sind dran</translation>
        </message>
        <message>
            <source>Talk time nearly over</source>
            <translation>Sprechzeit fast vorbei</translation>
        </message>
        <message>
            <source>A talk is over</source>
            <translation>Jemand hat geendet</translation>
        </message>
        <message>
            <source>Connection lost</source>
            <translation>Verbindung verloren</translation>
        </message>
        <message>
            <source>Connection back</source>
            <translation>Verbindung wieder da</translation>
        </message>
    </context>
    <context>
        <name>Tray</name>
        <message>
            <source>Show the window</source>
            <translation>Fenster zeigen</translation>
        </message>
        <message>
            <source>Talk in</source>
            <translation>Sprechen in</translation>
        </message>
        <message>
            <source>Mute everything</source>
            <translation>Alles stumm</translation>
        </message>
        <message>
            <source>I am away</source>
            <translation>Ich bin abwesend</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>ptt: not connected</source>
            <translation>ptt: nicht verbunden</translation>
        </message>
        <message>
            <source>ptt: you talk in {channel}</source>
            <translation>ptt: Sie sprechen in {channel}</translation>
        </message>
        <message>
            <source>ptt: you wait for the floor of {channel}</source>
            <translation>ptt: Sie warten in {channel}</translation>
        </message>
        <message>
            <source>ptt: {talker} talks</source>
            <translation>ptt: {talker} spricht</translation>
        </message>
        <message>
            <source>ptt: everything is muted</source>
            <translation>ptt: alles stumm</translation>
        </message>
        <message>
            <source>ptt: nobody talks</source>
            <translation>ptt: niemand spricht</translation>
        </message>
    </context>
    <context>
        <name>VoiceGroup</name>
        <message>
            <source>Voice</source>
            <translation>Stimme</translation>
        </message>
        <message>
            <source>Talk by key</source>
            <translation>Mit Taste sprechen</translation>
        </message>
        <message>
            <source>Talk hands-free
Speaking is enough. The microphone is always open, and its light is on; nobody hears you until you speak.</source>
            <translation>Freihändig sprechen
Sprechen genügt. Das Mikrofon ist immer offen, sein Licht brennt; gehört werden Sie erst, wenn Sie sprechen.</translation>
        </message>
        <message>
            <source>A voice is louder than</source>
            <translation>Eine Stimme ist lauter als</translation>
        </message>
        <message>
            <source>Pause that ends it</source>
            <translation>Pause, die sie beendet</translation>
        </message>
        <message>
            <source>Keep nothing
The microphone opens with the permit; a first syllable may be lost. Best for Bluetooth headsets that play music.</source>
            <translation>Nichts aufheben
Das Mikrofon öffnet mit der Erlaubnis; die erste Silbe kann fehlen. Gut für Bluetooth-Kopfhörer, die Musik spielen.</translation>
        </message>
        <message>
            <source>Keep what is said from the key on
Nothing is lost; the microphone is closed while you do not press.</source>
            <translation>Ab der Taste aufheben
Nichts geht verloren; das Mikrofon ist zu, solange Sie nicht drücken.</translation>
        </message>
        <message>
            <source>Keep the moment before the key too
The microphone stays open and its light on; 0.4 s are kept in memory, nothing is sent.</source>
            <translation>Auch den Moment vor der Taste aufheben
Das Mikrofon bleibt offen, sein Licht brennt; 0,4 s bleiben im Speicher, nichts wird gesendet.</translation>
        </message>
        <message>
            <source>Take out noise</source>
            <translation>Geräusche herausnehmen</translation>
        </message>
        <message>
            <source>Even out loudness</source>
            <translation>Lautstärke ausgleichen</translation>
        </message>
        <message>
            <source>These two need: pip install 'ptt[noise]'</source>
            <translation>Diese beiden brauchen: pip install 'ptt[noise]'</translation>
        </message>
    </context>
    <context>
        <name>Window</name>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>What does not work?</source>
            <translation>Was geht nicht?</translation>
        </message>
        <message>
            <source>Join by an invite link</source>
            <translation>Mit einer Einladung beitreten</translation>
        </message>
        <message>
            <source>Mute everything</source>
            <translation>Alles stumm</translation>
        </message>
        <message>
            <source>I am away</source>
            <translation>Ich bin abwesend</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Back</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <source>Menu</source>
            <translation>Menü</translation>
        </message>
        <message>
            <source>ptt: not connected</source>
            <translation>ptt: nicht verbunden</translation>
        </message>
        <message>
            <source>ptt: {channel}</source>
            <translation>ptt: {channel}</translation>
        </message>
        <message>
            <source>ptt: {talker} talks in {channel}</source>
            <translation>ptt: {talker} spricht in {channel}</translation>
        </message>
        <message>
            <source>{person}, looking for {server} …</source>
            <translation>{person}, sucht {server} …</translation>
        </message>
        <message>
            <source>{person} at {server}</source>
            <translation>{person} bei {server}</translation>
        </message>
    </context>
    <context>
        <name>WindowGroup</name>
        <message>
            <source>Window</source>
            <translation>Fenster</translation>
        </message>
        <message>
            <source>as the system</source>
            <translation>wie das System</translation>
        </message>
        <message>
            <source>light</source>
            <translation>hell</translation>
        </message>
        <message>
            <source>dark</source>
            <translation>dunkel</translation>
        </message>
        <message>
            <source>Colours</source>
            <translation>Farben</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Sprache</translation>
        </message>
        <message>
            <source>Tell who talks while it is hidden</source>
            <translation>Sagen, wer spricht, wenn es versteckt ist</translation>
        </message>
        <message>
            <source>Closing leaves it in the tray</source>
            <translation>Schließen lässt es in der Leiste</translation>
        </message>
        <message>
            <source>Start with the desktop</source>
            <translation>Mit dem Rechner starten</translation>
        </message>
    </context>
</TS>
