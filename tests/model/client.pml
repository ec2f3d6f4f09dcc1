/* ptt/floor/participant.py; part of floor.pml. */

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
        :: is_over(i, b) -> SAY(i, RELEASE, b)
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

inline hear_denied(i) {
    if
    :: phase[i] == PENDING_REQUEST || phase[i] == QUEUED -> rest(i)
    :: else
    fi
}

inline hear_no_place(i) {
    if
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
    :: what == DENY -> hear_denied(i)
    :: what == PLACE -> hear_place(i)
    :: what == NO_PLACE -> hear_no_place(i)
    :: what == REVOKE -> hear_revoke(i)
    fi
}
