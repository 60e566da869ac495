"""A mock of the Cartesia voice API that really speaks: real sockets, real streams, real audio."""
