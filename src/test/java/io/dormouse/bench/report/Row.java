package io.dormouse.bench.report;

import java.util.Optional;

/**
 * One line of the results.
 *
 * @param name of the contest
 * @param unit of {@code ours} and {@code peer}
 * @param ours what Dormouse gave
 * @param peer what the other gave; empty if there is none
 * @param peerName the other's name; empty if there is none
 * @param ratio above 1 is a win, whichever way the unit runs; NaN without a peer
 * @param goal in words; empty if there is none
 * @param goalRatio the ratio at which the goal is reached; NaN if there is none
 * @param met whether the goal is
 * @param warmUps how many rounds of each were not counted
 * @param remark what one should know of it, such as connections that did not come; may be empty
 */
public record Row(
    String name,
    String unit,
    Spread ours,
    Optional<Spread> peer,
    String peerName,
    double ratio,
    String goal,
    double goalRatio,
    boolean met,
    int warmUps,
    String remark) {
  /** Returns whether it shows the same rounds of Dormouse as another row. */
  boolean isOfOneContestWith(Row other) {
    return name.equals(other.name) && ours.equals(other.ours);
  }
}
