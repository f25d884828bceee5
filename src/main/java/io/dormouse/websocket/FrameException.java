package io.dormouse.websocket;

/** The peer broke the protocol or sent too much; the connection ends with a close code. */
final class FrameException extends Exception {
  private static final long serialVersionUID = 1;

  private final int code;

  /**
   * Creates an exception without a stack trace, since it says nothing about our code.
   *
   * @param code a close code (RFC 6455, section 7.4.1)
   * @param what the rule that was broken; quotes nothing of what was received
   */
  FrameException(int code, String what) {
    super(what, null, false, false);
    this.code = code;
  }

  int code() {
    return code;
  }

  /** What was broken. */
  String what() {
    return String.valueOf(getMessage());
  }
}
