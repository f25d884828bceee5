package io.dormouse.demo;

/**
 * A number that a step must show.
 *
 * @param noun of what
 * @param least how many at least
 * @param most how many at most
 */
record Expected(String noun, long least, long most) {
  static Expected exactly(long number, String noun) {
    return new Expected(noun, number, number);
  }

  static Expected atLeast(long number, String noun) {
    return new Expected(noun, number, Long.MAX_VALUE);
  }

  @Override
  public String toString() {
    if (least == most) {
      return Counts.text(least, noun);
    }
    return Counts.text(least + (most == Long.MAX_VALUE ? "+" : " to " + most), noun);
  }
}
