"""Every wrapper passes every request on, once, with all that was asked."""

from __future__ import annotations

import inspect

import pytest

from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Doomed, ObjectMeta
from s4desk.core.store.limits import LimitedStore
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.property_wrapper import PropertyWrapper
from s4desk.core.store.protocol import BucketStore, ConfigStore, ObjectStore, Store
from s4desk.core.store.retry import RetryingStore
from s4desk.core.store.tracing import TracedStore
from s4desk.core.store.wrapper import StoreWrapper

WRAPPERS = [StoreWrapper, RetryingStore, LimitedStore, TracedStore]
REQUESTS = [
    name
    for protocol in (ObjectStore, BucketStore, ConfigStore)
    for name, value in vars(protocol).items()
    if inspect.iscoroutinefunction(value)
]


def test_the_wrapper_spells_out_every_request_itself():
    assert len(REQUESTS) == 32
    assert {*REQUESTS, "aclose"} <= vars(StoreWrapper).keys() | vars(PropertyWrapper).keys()


@pytest.mark.parametrize("wrapper", [*WRAPPERS, MemoryStore])
@pytest.mark.parametrize("name", [*REQUESTS, "aclose"])
def test_a_request_takes_what_the_protocol_says(wrapper, name):
    promised = inspect.signature(getattr(Store, name), eval_str=False)
    assert inspect.signature(getattr(wrapper, name), eval_str=False) == promised


class Recorder:
    """An inner store that answers each request with its name, and remembers what it was given."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple, dict]] = []

    def __getattr__(self, name):
        async def answer(*args, **kwargs):
            self.calls.append((name, args, kwargs))
            return f"reply of {name}"

        return answer


def arguments(name):
    """A marked value for each parameter, so that a swapped or forgotten one shows."""
    parameters = list(inspect.signature(getattr(Store, name)).parameters.values())[1:]
    values = {each.name: f"<{each.name}>" for each in parameters}
    for key in ("location", "source", "target"):
        if key in values:
            values[key] = Location("bucket", key)
    if "meta" in values:
        values["meta"] = ObjectMeta(Location("bucket", "key"), 1, None, "etag")
    if "document" in values:
        values["document"] = BucketDocument(ConfigKind.CORS, b"<document>")
    if "doomed" in values:
        values["doomed"] = [Doomed("key")]
    if "prefix" in values:
        values["prefix"] = Prefix("bucket", "a/")
    positional = [
        values.pop(each.name) for each in parameters if each.kind is not each.KEYWORD_ONLY
    ]
    return positional, values


PASSED_ON = [
    (name, wrapper)
    for name in REQUESTS
    for wrapper in WRAPPERS
    # A retry must not take an old bucket for the new one: it looks before, and at the lock after.
    if (name, wrapper) != ("create_bucket", RetryingStore)
]


@pytest.mark.parametrize(("name", "wrapper"), PASSED_ON)
async def test_a_request_is_passed_on_once_with_everything(wrapper, name):
    inner = Recorder()
    positional, keywords = arguments(name)
    heard = []
    if "moved" in keywords:
        keywords["moved"] = heard.append

    answer = await getattr(wrapper(inner), name)(*positional, **keywords)

    ((called, args, kwargs),) = inner.calls
    assert called == name
    assert list(args) == positional
    if "moved" in keywords:
        kwargs.pop("moved")(7)
        keywords.pop("moved")
        assert heard == [7]
    assert kwargs == keywords
    returns = inspect.signature(getattr(Store, name)).return_annotation
    assert answer == (None if returns == "None" else f"reply of {name}")


@pytest.mark.parametrize("name", REQUESTS)
async def test_each_request_passes_the_hook_once(name):
    seen = []

    class Hooked(StoreWrapper):
        async def _around(self, request, call, moved=None):
            seen.append(request)
            return await super()._around(request, call, moved)

    positional, keywords = arguments(name)
    await getattr(Hooked(Recorder()), name)(*positional, **keywords)
    (request,) = seen
    assert request.operation.split()[0] == name
    assert request.has_body == ("moved" in keywords)
    if "prefix" in inspect.signature(getattr(Store, name)).parameters:
        assert (request.bucket, request.key) == ("bucket", "a/")


async def test_closing_closes_the_inner_store():
    inner = Recorder()
    await RetryingStore(LimitedStore(TracedStore(inner))).aclose()
    assert [name for name, *_ in inner.calls] == ["aclose"]
