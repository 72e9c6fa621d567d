// Made for guestlist's tests. It does nothing.
