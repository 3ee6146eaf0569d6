"""The blocking shell lives through all the stories, one client at a time."""

from netlab.serving.blocking import serve
from tests.serving.stories import Stories


class TestBlocking(Stories):
    shell = staticmethod(serve)
