package io.dormouse.architecture.wrong.lifecycle.desktop;

/** An adapter that is known where it must not be. */
public final class DesktopRoom {
  private DesktopRoom() {}
}
