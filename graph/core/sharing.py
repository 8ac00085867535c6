"""
Whether one execution of an operation may answer all who ask the same: seen, not declared.

An execution for all that looks at who asks is thrown away, and its question is executed for each for a moment; then it is tried
again, as what looks at the caller once (whose turn it is to close a list, an id of another type) need not do so always. An
operation of which no question was the same for all is not tried for a moment either, whatever is asked of it. But one that was
answered for all a while ago goes on being tried: nobody's odd questions take that from a crowd.
"""

import time
from collections import OrderedDict

PERSONAL_SECONDS = 5.0
"""So long a question, or an operation, is executed for each at once; an operation twice as long each time that it is given up."""
PERSONAL_MOST_SECONDS = 60.0
SHARED_SECONDS = 60.0
"""So long an operation that was answered for all is not given up."""
IN_VAIN_MOST = 3
"""Executions for all, one after the other, before an operation is given up."""
QUESTIONS_MOST = 1_000


class Sharing:
    """Of one operation; `question` stands for what is asked of it."""

    __slots__ = ("_in_vain", "_pause", "_personal", "_shared_until", "_until")

    def __init__(self) -> None:
        self._personal: OrderedDict[int, float] = OrderedDict()
        self._in_vain, self._pause = 0, PERSONAL_SECONDS
        self._until = self._shared_until = 0.0

    def may_be(self, question: int) -> bool:
        now = time.monotonic()
        return now >= self._until and now >= self._personal.get(question, 0.0)

    def was(self) -> None:
        """An execution answered all."""
        self._in_vain, self._pause = 0, PERSONAL_SECONDS
        self._shared_until = time.monotonic() + SHARED_SECONDS

    def was_not(self, question: int, *, again: bool) -> None:
        """It was in vain; `again`: the next may not be."""
        now = time.monotonic()
        self._in_vain += 1
        if self._in_vain >= IN_VAIN_MOST and now >= self._shared_until:
            self._in_vain, self._until = 0, now + self._pause
            self._pause = min(2 * self._pause, PERSONAL_MOST_SECONDS)
        if not again:
            self._personal[question] = now + PERSONAL_SECONDS
            self._personal.move_to_end(question)
            if len(self._personal) > QUESTIONS_MOST:
                self._personal.popitem(last=False)
