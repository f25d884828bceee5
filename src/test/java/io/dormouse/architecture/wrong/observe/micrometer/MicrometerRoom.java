package io.dormouse.architecture.wrong.observe.micrometer;

/** An adapter that is known where it must not be. */
public final class MicrometerRoom {
  private MicrometerRoom() {}
}
