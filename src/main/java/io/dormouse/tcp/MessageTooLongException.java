package io.dormouse.tcp;

import java.io.IOException;

/** A peer's message is longer than the app allows. */
public final class MessageTooLongException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates one.
   *
   * @param mostBytes how long a message may be
   */
  public MessageTooLongException(int mostBytes) {
    super("a message of more than " + mostBytes + " bytes");
  }
}
