/* ptt/floor/arbitrator.py and the relaying of voice; part of floor.pml. */

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
    :: else ->
        assert(!is_queued(i));
        assert(!is_urgent(i));
        waiting!i
    fi;
    TELL(i, PLACE, 0)
}

#ifdef NOBODY_IS_PRE_EMPTED
#define WAITS(i)           true
#else
#define WAITS(i)           (!is_urgent(i))
#endif

/* Denied: listen only, talked too long before, queue full; when, is not modelled. */
inline handle_request(i) {
    if
    :: holder == i -> TELL(i, GRANTED, live)
    :: holder != i && !is_queued(i) && may_deny -> NOTE_TROUBLE; TELL(i, DENY, 0)
    :: holder == NOBODY -> grant(i)
#ifndef NOBODY_IS_PRE_EMPTED
    :: holder != i && holder != NOBODY && is_urgent(i) -> pre_empt(i)
#endif
    :: holder != i && holder != NOBODY && WAITS(i) -> enqueue(i)
    fi
}

#ifdef RELEASE_WITHOUT_BURST
#define ends(i, b)         (holder == i)
#else
#define ends(i, b)         (holder == i && live == b)
#endif

inline end_of_burst() {
    cut();
    next()
}

inline handle_release(i, b) {
    if
    :: ends(i, b) ->
        assert(live == b);
        end_of_burst()
    :: else ->
        state_for(i);
        if
        :: is_queued(i) -> TELL(i, PLACE, 0)
        :: else
        fi
    fi
}

#ifdef BARE_RELEASE_ENDS_WHAT_IS_HEARD
#define gives_up(i)        (holder == i)
#else
#define gives_up(i)        (holder == i && !heard)
#endif

/* A release that names no burst: of who waits, or does not know of its grant yet. */
inline handle_bare_release(i) {
    if
    :: gives_up(i) ->
        assert(!heard);
        end_of_burst()
    :: else ->
        unqueue(i);
        state_for(i)
    fi
}

inline handle(i, what, b) {
    if
    :: what == REQUEST -> handle_request(i)
    :: what == RELEASE && b != 0 -> handle_release(i, b)
    :: what == RELEASE && b == 0 -> handle_bare_release(i)
    :: what == ASK_PLACE -> state_for(i); place(i)
    fi
}

inline leave(i) {
    present[i] = 0;
    if
    :: holder == i -> end_of_burst()
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
#ifdef REVOKE_IS_NOT_REPEATED
        skip
#else
        TELL(i, REVOKE, 0)
#endif
    :: else
    fi
}
