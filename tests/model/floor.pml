/*
The floor protocol of ptt/floor, for the model checker SPIN; tests/model/test_floor_model.py runs it.

Two models in one, which differ in their network:

-DWILD   Three clients, the last one of higher priority. The network holds all that was ever sent:
         anything may come at any time, in any order, any number of times, or never, in the session
         in which it was sent or in a later one. So a message without a burst can come always. Bursts
         are three in one history, all else is without bounds, crashes too. Nothing is left out of
         the search: 1,010,392 states, 7 s, 340 MB. Claims, as assertions: one burst at most is
         relayed; voice only as that of the holder and of the running burst; a release ends the
         burst that it names, or one that nobody has heard; who has left is not granted, nobody
         waits twice, a client takes no burst a second time; who has the higher priority never
         waits, and whom it pre-empts is not relayed from then on. No message finds a machine
         without an answer (that would be an invalid end state).

without  Two clients, the second of higher priority, and histories without end. A channel holds one
         message each way: a newer one for the same client pushes it out, and TROUBLES times (1) it
         gets lost, comes twice, late, or a request is denied. Claims, for the first client, if
         every machine and every message gets its turn (weak fairness): it does not wait for ever
         without having the floor in between; it does not talk for ever without having the floor; no
         one burst lasts for ever. Each 0.9 to 1.2 million states, 8 to 10 s, 360 MB.

Model               ptt/floor
holder, live        Arbitrator.talker, .burst               relayed   StartForwarding, StopForwarding
heard               Permission.last_media is not None       waiting   FloorQueue
phase, burst        Participant.state, .burst               again     Participant._press_again
over                Participant._over                       leave     Arbitrator.leave, .join
TELL, ANNOUNCE      Send, Announce                          relay     MediaPlane.relay, note_media,
next                Arbitrator._next                                  handle_stray_media
pre_empt            Arbitrator._request: _take_away, _grant
clock               T100, T101, T103, T104 and their limits; arbitrator_clock: T1, T2
chance              the key, a crash, its notice, the return; T7, T20

Left out: all lengths of time (a timer may expire whenever it runs), the contents of Taken and Idle,
talk limit bans, rights that change, more than two priorities, fairness among equals but for the
order of arrival, T8's count (whoever talks in vain is told again with each packet), the queue's
limit (a request may be denied at any time), the refusal to those who are alone, keys and sessions
(they stop old messages that the wild network lets through; so a client that is back still knows
what it gave back before). Without -DWILD voice takes no time, and messages keep their order but for
those TROUBLES.

The planted errors, of which each must be found, are names in #ifdef and #ifndef.
*/

#ifndef CLIENTS
#ifdef WILD
#define CLIENTS 3
#else
#define CLIENTS 2
#endif
#endif
#ifndef BURSTS
#define BURSTS 3     /* 7 at most */
#endif
#ifndef TROUBLES
#define TROUBLES 1
#endif
#ifndef ROOM
#define ROOM 1
#endif
#define NOBODY CLIENTS

mtype = { REQUEST, RELEASE, ASK_PLACE, GRANTED, TAKEN, IDLE, DENY, PLACE, NO_PLACE, REVOKE }
mtype = { NO_PERMISSION, PENDING_REQUEST, HAS_PERMISSION, PENDING_RELEASE, QUEUED, CRASHED }

/* The clients. */
mtype phase[CLIENTS] = NO_PERMISSION;
byte burst[CLIENTS];             /* that it has, or gives back; 0: none */
bit again[CLIENTS];              /* pressed while the release is under way */

/* The arbitrator. */
byte holder = NOBODY;
byte live;                       /* burst of the holder, 0: nobody has the floor */
bit heard;                       /* its voice has come */
byte relayed;                    /* set of the bursts that are relayed */
bit present[CLIENTS] = 1;
chan waiting = [CLIENTS] of { byte };  /* the queue; the urgent client is never in it */

/* Registers, empty between two steps. */
hidden mtype message;
hidden byte number;
hidden byte one;
hidden byte former;
hidden byte each;
hidden byte taken;

#define has(set, b)        (((set) >> (b)) & 1)
#define put(set, b)        set = set | ((1 << (b)) & 254)
#define drop(set, b)       set = set & (255 - (1 << (b)))
#define is_urgent(i)       ((i) == CLIENTS - 1)
#define is_queued(i)       waiting??[eval(i)]

#include "network.pml"
#include "arbitrator.pml"
#include "client.pml"

/* T100, T101, T103, T104: each at any time. With permission: the voice. */
active [CLIENTS] proctype clock() {
    byte i = _pid % CLIENTS;
end:
    do
    :: atomic { phase[i] == PENDING_REQUEST -> if :: ask(i) :: rest(i) fi }
    :: atomic { phase[i] == PENDING_RELEASE -> if :: SAY(i, RELEASE, burst[i]) :: released(i) fi }
#ifndef WILD
    :: atomic { phase[i] == QUEUED && is_uneasy(i) ->
        if
        :: SAY(i, ASK_PLACE, 0); UNEASY(i, 1)
        :: give_back(i, 0)
        fi }
    :: atomic { phase[i] == HAS_PERMISSION -> relay(i, burst[i]) }
#endif
    od
}

#ifdef WILD
/* What was sent once may come at any time, any number of times: what has no burst, at once. */
active [CLIENTS] proctype uplink() {
    byte i = _pid % CLIENTS;
end:
    do
    :: atomic { present[i] -> handle_request(i) }
    :: atomic { present[i] -> handle_bare_release(i) }
    :: atomic { present[i] && over[i] != 0 ->
        select(number : 1 .. BURSTS);
        if
        :: has(over[i], number) -> handle_release(i, number)
        :: else
        fi }
    od
}

active [CLIENTS] proctype downlink() {
    byte i = _pid % CLIENTS;
end:
    do
    :: atomic { phase[i] != CRASHED -> hear_taken(i) }
    :: atomic { phase[i] != CRASHED -> hear_idle(i) }
    :: atomic { phase[i] != CRASHED -> hear_denied(i) }
    :: atomic { phase[i] != CRASHED -> hear_place(i) }
    :: atomic { phase[i] != CRASHED -> hear_no_place(i) }
    :: atomic { phase[i] != CRASHED -> hear_revoke(i) }
    :: atomic { phase[i] != CRASHED ->
        select(number : 1 .. BURSTS);
        if
        :: owner[number] == i -> hear_granted(i, number)
        :: else
        fi }
    od
}
#else
#define arrives_up(i)      if :: present[i] -> handle(i, message, number) :: else fi
#define arrives_down(i)    if :: phase[i] != CRASHED -> hear(i, message, number) :: else fi

active [CLIENTS] proctype uplink() {
    byte i = _pid % CLIENTS;
end:
    do
    :: atomic { up[i]?message, number -> arrives_up(i) }
    :: atomic { nempty(up[i]) && troubles < TROUBLES -> troubles++;
        if
        :: up[i]?_, _
        :: up[i]?<message, number> -> arrives_up(i)
        :: up[i]?message, number -> up[i]!message, number
        fi }
    od
}

active [CLIENTS] proctype downlink() {
    byte i = _pid % CLIENTS;
end:
    do
    :: atomic { down[i]?message, number -> arrives_down(i) }
    :: atomic { nempty(down[i]) && troubles < TROUBLES -> troubles++;
        if
        :: down[i]?_, _
        :: down[i]?<message, number> -> arrives_down(i)
        :: down[i]?message, number -> down[i]!message, number
        fi }
    od
}
#endif

#ifdef WILD
/* Voice of any burst that was ever granted, early or late. */
active [BURSTS] proctype voice() {
    byte b = 1 + _pid - 3 * CLIENTS;
end:
    do
    :: atomic { voice_comes(b) -> relay(owner[b], b) }
    od
}
#endif

/* T1 and T2: each at any time, T2 only if voice has come. */
active proctype arbitrator_clock() {
end:
    do
#ifndef NO_T1
    :: atomic { holder != NOBODY -> end_of_burst() }
#endif
    :: atomic { heard -> number = holder; cut(); TELL(number, REVOKE, 0); next() }
    od
}

inline forget() { message = 0; number = 0; key = 0; former = 0; one = 0; each = 0; taken = 0 }

/* What may happen and may as well not: people, cables, power; T7 and T20, which only repeat. */
active proctype chance() {
    byte i;
end:
    do
    :: atomic { select(i : 0 .. CLIENTS - 1);
        if
        :: phase[i] == NO_PERMISSION -> ask(i)
        :: phase[i] == PENDING_RELEASE && !again[i] -> again[i] = 1
        :: phase[i] == PENDING_RELEASE && again[i] -> again[i] = 0
        :: phase[i] == PENDING_REQUEST || phase[i] == QUEUED -> give_back(i, 0)
        :: phase[i] == HAS_PERMISSION -> give_back(i, burst[i])
        :: phase[i] != CRASHED -> again[i] = 0; rest(i); phase[i] = CRASHED
        :: phase[i] == CRASHED && present[i] -> leave(i)
        :: phase[i] == CRASHED && !present[i] ->
            phase[i] = NO_PERMISSION; present[i] = 1; state_for(i)
#ifndef WILD
        :: holder != NOBODY && !heard -> TELL(holder, GRANTED, live)
        :: holder == NOBODY -> ANNOUNCE(IDLE, NOBODY)
#endif
        fi;
        i = 0 }
    od
}

#ifndef WILD
#define waits      (phase[0] == PENDING_REQUEST || phase[0] == QUEUED)
#define in_vain    (phase[0] == HAS_PERMISSION && burst[0] != live)
ltl nobody_waits_forever { [] (waits -> <> (holder == 0 || !waits)) }
ltl nobody_talks_in_vain { []<> !in_vain }
ltl nobody_keeps_the_floor { []<> (holder != 0) }
#endif
