package io.dormouse.architecture.wrong.callbacks;

import io.dormouse.architecture.wrong.udp.OtherKind;
import java.util.ArrayDeque;

/** Breaks rules on purpose: callbacks that know whose they are. */
public final class Caller {
  /** A kind of connection. */
  public OtherKind kind;

  /** What may be lost. */
  public ArrayDeque<String> waiting;
}
