package io.dormouse.architecture.wrong.lifecycle.crac;

/** An adapter that is known where it must not be. */
public final class CracRoom {
  private CracRoom() {}
}
