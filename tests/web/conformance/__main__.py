"""Print the conformance table."""

from tests.web.conformance import lines

for line in lines():
    print(line)
