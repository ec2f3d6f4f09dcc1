/*
 * The floor of one channel, for SPIN: is a rule of ptt/floor broken in any history at all?
 *
 *   model             ptt/floor
 *   phase[i]          ParticipantState of participant.py, and CRASHED: gone without a word
 *   handle_request..  Arbitrator.handle, leave, note_media and handle_stray_media
 *   hear_granted..    Participant.handle;  ask, give_back: press, release
 *   clock             T100, T101, T103, T104, each at any time;  arbitrator_clock: T1, T2
 *   burst             the SSRC of a talk burst, as a small number;  waiting: queue.py
 *   urgent client     the last one; it cuts in (precedence.py) and is never in the queue
 *
 * Two models of the network:
 *   WILD              whatever was said once may come at any time, any number of times, or never;
 *                     for what must never be (assertions): two bursts relayed, voice or a release
 *                     of one burst taken for another, the dead granted, one queued twice
 *   otherwise         channels that lose, double and delay at most TROUBLES messages, and at most
 *                     HAPPENINGS acts of people, cables and power; for what must come to pass
 *                     (the formulas at the end, weak fairness)
 *
 * Not modelled: how long anything takes, retry-after, talk limits by person, changes of rights,
 * several floor servers. Each planted bug is a definition that test_floor_model.py switches on.
 */
#ifndef CLIENTS
#define CLIENTS 3
#endif
#ifndef BURSTS
#define BURSTS 3
#endif
#ifndef TROUBLES
#define TROUBLES 1
#endif
#ifndef ROOM
#define ROOM 2
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

#ifdef WILD
byte granted;                    /* bursts so far */
byte owner[BURSTS + 1] = NOBODY; /* of a burst: to whom it was given */
byte over[CLIENTS];              /* set of the bursts that a client has given back */
#define OWN(i, b)          owner[b] = i
#define END(i, b)          put(over[i], b)
#define is_over(i, b)      has(over[i], b)
#define voice_comes(b)     (owner[b] != NOBODY && (has(over[owner[b]], b) || burst[owner[b]] == b))
#define TELL(i, what, b)   skip
#define TELL_NEWS(i, what) skip
#define may_deny           true
#define NOTE_TROUBLE       skip
#define ANNOUNCE(what, but) skip
#define UNEASY(i, on)      skip
#define SAY(i, what, b)    skip
#define VOICE_IS_HEARD(i)  skip
#define PICK_BURST()       if :: granted < BURSTS -> granted++; live = granted :: else -> live = 0 fi
#else
#define OWN(i, b)          skip
#define END(i, b)          skip
#define is_over(i, b)      false
chan up[CLIENTS] = [ROOM] of { mtype, byte };
chan down[CLIENTS] = [ROOM] of { mtype, byte };
byte troubles;                   /* messages that were lost, doubled or late */
#ifdef WHO_WAITS_IN_SILENCE_ASKS_NOBODY
bit uneasy[CLIENTS];             /* T103 or T104 runs */
#define is_uneasy(i)       uneasy[i]
#define UNEASY(i, on)      uneasy[i] = on
#else
#define is_uneasy(i)       true
#define UNEASY(i, on)      skip
#endif
#define voice_comes(b)     has(voiced, b)
#define may_deny           (troubles < TROUBLES)
#define NOTE_TROUBLE       troubles++
#define TELL_NEWS(i, what) send_news(down[i], what)
#define TELL(i, what, b)   send(down[i], what, b)
#define ANNOUNCE(what, but) announce(what, but)
#define SAY(i, what, b)    send(up[i], what, b)
#define VOICE_IS_HEARD(i)  voice_is_heard(i)
#define PICK_BURST()       pick_burst()

/* A copy of what is under way adds nothing. Where there is no room the oldest is lost. */
inline send(way, what, b) {
    if
    :: way??[eval(what), eval(b)]
    :: else ->
        if
        :: full(way) -> way?_, _
        :: nfull(way)
        fi;
        way!what, b
    fi
}

/* News for everybody do not push out what is for one alone. */
inline send_news(way, what) {
    if
    :: full(way)
    :: nfull(way) && way??[eval(what), 0]
    :: nfull(way) && !(way??[eval(what), 0]) -> way!what, 0
    fi
}

inline voice_is_heard(i) {
    for (one : 0 .. CLIENTS - 1) {
        if
        :: true
        :: one != i && phase[one] != CRASHED && phase[one] != HAS_PERMISSION ->
            UNEASY(one, 1);
            if
            :: phase[one] == PENDING_RELEASE && burst[one] != 0 -> released(one)
            :: phase[one] == NO_PERMISSION -> SAY(one, RELEASE, 0)
            :: else
            fi
        fi
    }
}

inline announce(what, but) {
    for (each : 0 .. CLIENTS - 1) {
        if
        :: each != but && present[each] -> send_news(down[each], what)
        :: else
        fi
    }
}

/* A number comes again when nobody and nothing refers to it any more: so histories have no end. */
inline pick_burst() {
    live = 0;
    for (each : 1 .. BURSTS) {
        taken = live != 0;
        for (one : 0 .. CLIENTS - 1) {
            taken = taken || burst[one] == each;
            taken = taken || up[one]??[RELEASE, eval(each)];
            taken = taken || down[one]??[GRANTED, eval(each)]
        }
        if
        :: taken
        :: else -> live = each
        fi
    }
}
#endif

/* ---- the arbitrator ---- */

inline state_for(i) {
    if
    :: holder == NOBODY -> TELL_NEWS(i, IDLE)
    :: else -> TELL_NEWS(i, TAKEN)
    fi
}

inline place(i) {
    if
    :: is_queued(i) -> TELL(i, PLACE, 0)
    :: else -> TELL(i, NO_PLACE, 0)
    fi
}

inline unqueue(i) {
    if
    :: is_queued(i) -> waiting??eval(i)
    :: else
    fi
}

inline grant(i) {
    assert(present[i]);
    assert(holder == NOBODY);
    PICK_BURST();
    if
    :: live == 0 -> TELL(i, DENY, 0)
    :: else ->
        holder = i;
        heard = 0;
        OWN(i, live);
        put(relayed, live);
        assert((relayed & (relayed - 1)) == 0);
        TELL(i, GRANTED, live);
        ANNOUNCE(TAKEN, i)
    fi
}

inline cut() {
    drop(relayed, live);
    holder = NOBODY;
    live = 0;
    heard = 0
}

/* Whoever is next in line, or nobody. */
inline next() {
    if
    :: nempty(waiting) -> waiting?one; former = one; grant(former)
    :: empty(waiting) -> ANNOUNCE(IDLE, NOBODY)
    fi
}

inline pre_empt(i) {
    former = holder;
#ifdef PRE_EMPTED_IS_RELAYED_ON
    holder = NOBODY;
#else
    cut();
#endif
    TELL(former, REVOKE, 0);
    grant(i);
    assert(holder == i || live == 0)
}

inline enqueue(i) {
    if
#ifndef DUPLICATE_REQUEST_QUEUED_TWICE
    :: is_queued(i)
#else
    :: false
#endif
    :: else -> assert(!is_queued(i)); waiting!i
    fi;
    TELL(i, PLACE, 0)
}

/* Denied: listen only, talked too long before, queue full; when, is not modelled. */
inline handle_request(i) {
    if
    :: holder == i -> TELL(i, GRANTED, live)
    :: holder != i && !is_queued(i) && may_deny -> NOTE_TROUBLE; TELL(i, DENY, 0)
    :: holder == NOBODY -> grant(i)
    :: holder != i && holder != NOBODY && is_urgent(i) -> pre_empt(i)
    :: holder != i && holder != NOBODY && !is_urgent(i) -> enqueue(i)
    fi
}

#ifdef RELEASE_WITHOUT_BURST
#define ends_live(b) (b != 0 || !heard)
#else
#ifdef BARE_RELEASE_ENDS_WHAT_IS_HEARD
#define ends_live(b) (b == live || b == 0)
#else
#define ends_live(b) (b == live || b == 0 && !heard)
#endif
#endif

inline handle_release(i, b) {
    if
    :: holder == i && ends_live(b) ->
        assert(b == live || b == 0);
        assert(b == live || !heard);
        cut();
        next()
    :: else ->
        if
        :: b == 0 -> unqueue(i)
        :: else
        fi;
        state_for(i);
        if
        :: is_queued(i) -> TELL(i, PLACE, 0)
        :: else
        fi
    fi
}

inline handle(i, what, b) {
    if
    :: what == REQUEST -> handle_request(i)
    :: what == RELEASE -> handle_release(i, b)
    :: what == ASK_PLACE -> state_for(i); place(i)
    fi
}

inline leave(i) {
    present[i] = 0;
    if
    :: holder == i -> cut(); next()
    :: else ->
#ifndef QUEUE_KEEPS_THE_DEAD
        unqueue(i)
#endif
    fi
}

#ifdef MEDIA_WITHOUT_BURST
#define is_relayed(i, b) (holder == i)
#else
#define is_relayed(i, b) has(relayed, b)
#endif

/* Voice of burst b, which its owner i has sent. */
inline relay(i, b) {
    if
    :: present[i] && is_relayed(i, b) ->
        assert(holder == i && live == b);
        heard = 1;
        VOICE_IS_HEARD(i)
    :: present[i] && !is_relayed(i, b) && holder != i ->
#ifdef REVOKED_ONCE
        skip
#else
        TELL(i, REVOKE, 0)
#endif
    :: else
    fi
}

/* ---- the clients ---- */

inline rest(i) {
    phase[i] = NO_PERMISSION;
    burst[i] = 0
}

inline ask(i) {
    phase[i] = PENDING_REQUEST;
    SAY(i, REQUEST, 0)
}

inline give_back(i, b) {
    phase[i] = PENDING_RELEASE;
    burst[i] = b;
    END(i, b);
    SAY(i, RELEASE, b)
}

inline released(i) {
    rest(i);
    if
    :: again[i] -> again[i] = 0; ask(i)
    :: else
    fi
}

inline hear_granted(i, b) {
    if
    :: phase[i] == PENDING_REQUEST || phase[i] == QUEUED ->
#ifndef FORMER_BURST_IS_TAKEN
        if
        :: is_over(i, b)
        :: else ->
#endif
            assert(!is_over(i, b));
            phase[i] = HAS_PERMISSION;
            burst[i] = b
#ifndef FORMER_BURST_IS_TAKEN
        fi
#endif
    :: phase[i] == PENDING_RELEASE && burst[i] != b -> give_back(i, b)
    :: phase[i] == NO_PERMISSION || phase[i] == HAS_PERMISSION && burst[i] != b ->
        END(i, b);
        SAY(i, RELEASE, b)
    :: else
    fi
}

inline hear_taken(i) {
    if
    :: phase[i] == HAS_PERMISSION
    :: else ->
        if
        :: phase[i] == PENDING_RELEASE -> released(i)
        :: phase[i] == QUEUED -> UNEASY(i, 1)
        :: else
        fi
    fi
}

inline hear_idle(i) {
    if
    :: phase[i] == PENDING_RELEASE -> released(i)
    :: phase[i] == QUEUED -> ask(i)
    :: else
    fi
}

inline hear_place(i) {
    if
    :: phase[i] == PENDING_REQUEST -> phase[i] = QUEUED; UNEASY(i, 0)
    :: phase[i] == QUEUED -> UNEASY(i, 0)
    :: phase[i] == NO_PERMISSION -> SAY(i, RELEASE, 0)
    :: else
    fi
}

inline hear_revoke(i) {
    if
    :: phase[i] == HAS_PERMISSION -> give_back(i, burst[i])
    :: phase[i] == PENDING_REQUEST || phase[i] == QUEUED -> give_back(i, 0)
    :: phase[i] == NO_PERMISSION -> SAY(i, RELEASE, 0)
    :: else
    fi
}

inline hear(i, what, b) {
    if
    :: what == GRANTED -> hear_granted(i, b)
    :: what == TAKEN -> hear_taken(i)
    :: what == IDLE -> hear_idle(i)
    :: what == DENY && (phase[i] == PENDING_REQUEST || phase[i] == QUEUED) -> rest(i)
    :: what == PLACE -> hear_place(i)
    :: what == NO_PLACE && phase[i] == QUEUED -> ask(i)
    :: what == REVOKE -> hear_revoke(i)
    :: else
    fi
}

/* ---- what happens ---- */

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
    :: atomic { present[i] -> handle_release(i, 0) }
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
    :: atomic { phase[i] != CRASHED -> hear(i, TAKEN, 0) }
    :: atomic { phase[i] != CRASHED -> hear(i, IDLE, 0) }
    :: atomic { phase[i] != CRASHED -> hear(i, DENY, 0) }
    :: atomic { phase[i] != CRASHED -> hear(i, PLACE, 0) }
    :: atomic { phase[i] != CRASHED -> hear(i, NO_PLACE, 0) }
    :: atomic { phase[i] != CRASHED -> hear(i, REVOKE, 0) }
    :: atomic { phase[i] != CRASHED ->
        select(number : 1 .. BURSTS);
        if
        :: owner[number] == i -> hear(i, GRANTED, number)
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
/* Voice of any burst that its client ever had, early or late. */
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
    :: atomic { holder != NOBODY -> cut(); next() }
#endif
    :: atomic { heard -> number = holder; cut(); TELL(number, REVOKE, 0); next() }
    od
}

/* What may happen and may as well not: people, cables, power; T7 and T20, which only repeat. */
#ifndef HAPPENINGS
#define HAPPENINGS 3
#endif
#ifdef WILD
#define may_happen         true
#define NOTE_HAPPENING     skip
#else
byte happened;
#define may_happen         (happened < HAPPENINGS)
#define NOTE_HAPPENING     happened++
#endif
active proctype chance() {
    byte i;
end:
    do
    :: atomic { may_happen -> NOTE_HAPPENING; select(i : 0 .. CLIENTS - 1);
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
