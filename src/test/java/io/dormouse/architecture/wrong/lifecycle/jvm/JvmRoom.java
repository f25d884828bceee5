package io.dormouse.architecture.wrong.lifecycle.jvm;

import io.dormouse.architecture.wrong.lifecycle.crac.CracRoom;
import io.dormouse.architecture.wrong.loop.Inner;

/** An adapter that knows another one, and a room above it. */
public final class JvmRoom {
  public static final Class<?> OTHER = CracRoom.class;
  public static final Class<?> ABOVE = Inner.class;

  private JvmRoom() {}
}
