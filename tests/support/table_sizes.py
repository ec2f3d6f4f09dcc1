"""How much the tables, sets and queues of the product hold, found by looking at all of its objects.

Nothing has to be named: what is added to a class tomorrow is counted, too.
"""

from collections import Counter, deque
from dataclasses import dataclass, field


@dataclass
class Sizes:
    """How much all containers of one name hold together, and how many objects of a class there are.

    A container's name is `Class.attribute`, with [] for what is inside of one.
    """

    held: Counter[str] = field(default_factory=Counter)
    objects: Counter[str] = field(default_factory=Counter)


def sizes_of(*roots: object) -> Sizes:
    """Look at everything of the product that can be reached from here."""
    sizes = Sizes()
    seen: set[int] = set()
    waiting = [("", root) for root in roots]
    while waiting:
        where, thing = waiting.pop()
        if id(thing) not in seen:
            seen.add(id(thing))
            waiting += _look(sizes, where, thing)
    return sizes


def _look(sizes: Sizes, where: str, thing: object) -> list[tuple[str, object]]:
    """Note a thing; returns what is in it."""
    match thing:
        case bytes() | bytearray():
            sizes.held[where] += len(thing)
            return []
        case dict():
            sizes.held[where] += len(thing)
            return [(f"{where}[]", each) for each in (*thing.keys(), *thing.values())]
        case list() | tuple() | set() | frozenset() | deque():
            sizes.held[where] += len(thing)
            return [(f"{where}[]", each) for each in thing]
        case _ if type(thing).__module__.startswith("ptt."):
            name = type(thing).__name__
            sizes.objects[name] += 1
            return [(f"{name}.{attribute}", each) for attribute, each in _attributes(thing)]
        case _:
            return []


def _attributes(thing: object) -> list[tuple[str, object]]:
    slots = (name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()))
    named = {name: getattr(thing, name) for name in slots if hasattr(thing, name)}
    return list((named | getattr(thing, "__dict__", {})).items())
