"""Some objects of each kind: does the store say of them what we say?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import StoreError
from s4desk.core.lifecycle.hints import Disagreement, agree, expiries_of, read_hint
from s4desk.core.lifecycle.question import Engine
from s4desk.core.lifecycle.sifting import candidate_of

if TYPE_CHECKING:
    from s4desk.core.domain.lifecycle.candidates import Candidate
    from s4desk.core.domain.lifecycle.evaluator import Evaluator
    from s4desk.core.domain.lifecycle.likeness import Matcher
    from s4desk.core.lifecycle.asking import Asking
    from s4desk.core.lifecycle.judging import Fate
    from s4desk.core.lifecycle.question import Question
    from s4desk.core.lifecycle.sifting import Sifted

MOST_SAMPLES: Final = 16
MOST_UNMATCHED: Final = 4
"""Of the samples, those that no rule is about."""


class HintChecking:
    """Compares what the store says of current objects, if the rules are those it has.

    `compared` counts objects, `differing` those of which it says something else: they are in
    `disagreements`. A store that says nothing of any object is not compared with.
    """

    def __init__(self, asking: Asking, question: Question) -> None:
        self.compared = 0
        self.differing = 0
        self.disagreements: list[Disagreement] = []
        self._asking = asking
        self._question = question
        self._is_wanted = question.is_saved and question.engine is Engine.AWS
        self._evaluator: Evaluator | None = None
        self._matcher: Matcher | None = None
        self._samples: list[Candidate] = []
        self._kinds: set[Fate] = set()
        self._unmatched = 0
        self._silent: list[Candidate] = []

    def begin(self, evaluator: Evaluator, matcher: Matcher) -> None:
        """Before anything is noted."""
        self._evaluator, self._matcher = evaluator, matcher

    def note(self, sifted: Sifted) -> None:
        """Keep objects of several kinds to look at."""
        if self._is_wanted and len(self._samples) < MOST_SAMPLES:
            self._keep_some(sifted)

    def _keep_some(self, sifted: Sifted) -> None:
        for row, fate in enumerate(sifted.fates):
            if fate is None or fate in self._kinds:
                continue
            self._kinds.add(fate)
            candidate = candidate_of(sifted.page, row)
            if not candidate.is_current or candidate.is_delete_marker:
                continue
            if not fate.is_matched:
                # A store may follow rules that we leave out, but most stores do not.
                if self._unmatched >= MOST_UNMATCHED:
                    continue
                self._unmatched += 1
            self._samples.append(candidate)
            if len(self._samples) >= MOST_SAMPLES:
                return

    async def look_at_samples(self) -> None:
        """Ask for what the store says of those that were kept; what cannot be asked is left out."""
        for candidate in self._samples:
            try:
                tagged = await self._with_tags(candidate)
                header = await self._asking.hint(candidate)
            except StoreError:
                continue
            if header:
                self._judge(tagged, header)
            elif header is not None:
                self._silent.append(tagged)
        self._samples.clear()
        # One of which nothing is said is compared when another was spoken of.
        if self.compared:
            for candidate in self._silent:
                self._judge(candidate, "")
        self._silent.clear()

    async def _with_tags(self, candidate: Candidate) -> Candidate:
        matcher = self._matcher
        if matcher is None or not matcher.by_key(candidate.key) & matcher.tagged:
            return candidate
        return replace(candidate, tags=await self._asking.tags(candidate))

    def _judge(self, candidate: Candidate, header: str) -> None:
        if self._evaluator is None:
            return
        self.compared += 1
        theirs = read_hint(header)
        ours = expiries_of(self._evaluator.steps(candidate), self._question.lifecycle.rules)
        if agree(ours, theirs):
            return
        self.differing += 1
        said = ours[0] if ours else None
        self.disagreements.append(Disagreement(candidate.key, candidate.version, theirs, said))
