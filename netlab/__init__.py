"""netlab runs every experiment of the book. This is the map of the house; importing it imports nothing.

Each room may use the rooms above it in this list, and none below. Topics, which all stand on floor 4, may use
each other too, in any order that makes no circle::

    wire       bytes: Reader, Span, Incomplete, WireError, the Internet checksum          floor 1
    picture    pictures as values: what is to be seen, with its units and its sentence     floor 1
    http1      HTTP/1.1 messages up to their empty line                                    floor 2
    packet     what a capture holds: Ethernet, IP, UDP, TCP, ICMP; pcap and pcapng files       floor 2
    clock      time: a discrete-event clock, a heap of (time, serial, call)                floor 3
    trace      events: who sent what to whom, and when; sequence pictures and pcaps        floor 3
    serving    running: Session, running(), the blocking and the asyncio shell             floor 3
    lab        the real kernel: throw-away networks, links, samples, captures, recordings  floor 3
    transport  congestion: how fast may I send, when nobody will tell me?                  floor 4
    networks   namespaces: a container's network, built from nothing                       floor 4
    web        websocket: a stream has no edges, and the other end may be lying            floor 4
    exercises  what checks a reader's answers                                              floor 5
    explain    bytes that somebody brought, field by field and rule by rule                floor 5
    live       the panels: settings within their ranges in, a picture out                  floor 5
    show       draws a picture with matplotlib, the only room that imports it              floor 5

Bytes, time, dice and sockets are arguments: nothing here opens a socket, reads a clock or draws a
random number unless that is what the room is for. Three things can go wrong, and each has its own
exception: ``Incomplete`` (feed more bytes), ``WireError`` (the peer broke a rule, and which) and
``ValueError`` (the caller did).
"""

__version__ = "0.1.0"
