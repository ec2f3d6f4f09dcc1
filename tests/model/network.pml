/* What lies between the clients and the arbitrator; part of floor.pml. */

#ifdef WILD
byte granted;                    /* bursts so far */
byte owner[BURSTS + 1] = NOBODY; /* of a burst: to whom it was given */
byte over[CLIENTS];              /* set of the bursts that a client has given back */
#define OWN(i, b)          owner[b] = i
#define END(i, b)          put(over[i], b)
#define is_over(i, b)      has(over[i], b)
#define voice_comes(b)     (owner[b] != NOBODY)
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
byte troubles;                   /* messages that were lost, doubled or late, and denials */
#ifdef WHO_WAITS_IN_SILENCE_ASKS_NOBODY
bit uneasy[CLIENTS];             /* T103 or T104 runs */
#define is_uneasy(i)       uneasy[i]
#define UNEASY(i, on)      uneasy[i] = on
#else
#define is_uneasy(i)       true
#define UNEASY(i, on)      skip
#endif
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
