"""Tests of the whole way, with the fault in the middle of it."""
