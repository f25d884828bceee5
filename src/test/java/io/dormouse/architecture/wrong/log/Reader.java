package io.dormouse.architecture.wrong.log;

import io.dormouse.architecture.wrong.udp.OtherKind;

/** Breaks rules on purpose: a log that knows who writes it. */
public final class Reader {
  /** Who writes. */
  public OtherKind kind;
}
