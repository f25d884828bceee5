package io.dormouse.architecture.wrong.network;

import io.dormouse.architecture.wrong.udp.OtherKind;

/** Breaks rules on purpose: a network that knows who uses it. */
public final class Climber {
  /** Who uses it. */
  public OtherKind kind;
}
