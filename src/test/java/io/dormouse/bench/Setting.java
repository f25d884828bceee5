package io.dormouse.bench;

import io.dormouse.bench.load.Ports;
import java.util.List;

/**
 * What a contender is given.
 *
 * @param ports where the server listens
 * @param library which one does the work: {@link Contest#OURS} or a peer's
 * @param words what the contest says of the work: sizes and numbers, in an order that the contender
 *     knows
 */
public record Setting(Ports ports, String library, List<String> words) {
  /** Returns a word. */
  public String word(int index) {
    return words.get(index);
  }

  /** Returns a word as a number. */
  public int number(int index) {
    return Integer.parseInt(words.get(index));
  }
}
