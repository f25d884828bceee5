package io.dormouse.architecture.wrong.tcp;

import io.dormouse.architecture.wrong.udp.OtherKind;

/** Breaks rules on purpose: a kind that knows another. */
public final class OneKind {
  /** The other. */
  public OtherKind other;
}
