package io.dormouse.architecture.wrong.lifecycle.android;

/** An adapter that is known where it must not be. */
public final class AndroidRoom {
  private AndroidRoom() {}
}
