package io.dormouse.bench.traffic;

/** What comes of one message, in any number of pieces. For one thread after the other. */
final class Answer {
  private final int size;
  private int left;

  Answer(int size) {
    this.size = size;
    this.left = size;
  }

  /** So many bytes more. Returns whether that is all; then the next one begins. */
  boolean isWholeWith(int bytes) {
    left -= bytes;
    if (left < 0) {
      throw new IllegalStateException("more came than was sent: " + -left + " bytes");
    } else if (left > 0) {
      return false;
    }
    left = size;
    return true;
  }
}
