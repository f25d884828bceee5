package io.dormouse.websocket;

/** The peer violated the protocol or exceeded the size limit; the connection ends with a code. */
final class FrameException extends Exception {
  private static final long serialVersionUID = 1;

  private final int code;

  /**
   * Creates an exception without a stack trace, since it says nothing about our code.
   *
   * @param code a close code (RFC 6455, section 7.4.1)
   * @param what the rule that was violated; quotes nothing of what was received
   */
  FrameException(int code, String what) {
    super(what, null, false, false);
    this.code = code;
  }

  /** Returns the close code to send. */
  int code() {
    return code;
  }

  /** Returns the rule that was violated. */
  String what() {
    return String.valueOf(getMessage());
  }
}
