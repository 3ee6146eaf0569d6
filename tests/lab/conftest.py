"""What the tests of the lab share: a lab, where the machine gives one."""

from collections.abc import Iterator

import pytest

from netlab.lab import Host, Lab, available
from tests.programs import missing


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Yield an empty lab; skip the test where there is none, in CI fail."""
    if not available():
        missing(f"a lab ({available().sentence})")
    with Lab() as made:
        yield made


@pytest.fixture
def path(lab: Lab) -> tuple[Host, Host, Host]:
    """Return client, router and server, in a row, with routes."""
    client, router, server = lab.hosts("client router server")
    lab.link(client, router)
    lab.link(router, server)
    lab.route()
    return client, router, server
