"""Which channels may let a person in, without a look at all those that certainly do not. Pure."""

from collections import defaultdict

from ptt.switchboard.records import Directory, Role


class Doors:
    """Made once for each state of the directory; `Directory.right` has the last word."""

    def __init__(self, directory: Directory) -> None:
        self._place = {number: place for place, number in enumerate(directory.channels)}
        self._open = [
            number
            for number, settings in directory.channels.items()
            if settings.open_to is not Role.NONE
        ]
        self._own: defaultdict[int, list[int]] = defaultdict(list)
        for number, person in directory.rights:
            if number in self._place:
                self._own[person].append(number)

    def of(self, person: int) -> list[int]:
        """The channels to ask about, in the directory's order."""
        own = self._own.get(person)
        if not own:
            return self._open
        return sorted({*self._open, *own}, key=self._place.__getitem__)
