package io.dormouse.architecture.wrong.observe.jfr;

/** An adapter that is known where it must not be. */
public final class JfrRoom {
  private JfrRoom() {}
}
