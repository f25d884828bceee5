package io.dormouse.architecture.wrong.testing.junit;

/** A room of tests that is known where it must not be. */
public final class JUnitRoom {
  private JUnitRoom() {}
}
