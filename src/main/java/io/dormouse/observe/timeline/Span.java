package io.dormouse.observe.timeline;

/**
 * A time that a row spent in one state.
 *
 * @param state which: a {@link Shade} by its name
 * @param from when it began, in microseconds since the recording began
 * @param to when it ended; not before {@code from}
 * @param goesOn whether it had not ended when the recording was read
 * @param generation of the connection; 0 if that says nothing
 * @param reason why the row came into this state; empty if nothing is to be said
 * @param address of the peer; empty if not known
 */
record Span(
    Shade state,
    long from,
    long to,
    boolean goesOn,
    long generation,
    String reason,
    String address) {
  Span {
    reason = Escaped.visible(reason);
    address = Escaped.visible(address);
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("a span from " + from + " to " + to);
    }
  }

  long micros() {
    return to - from;
  }
}
