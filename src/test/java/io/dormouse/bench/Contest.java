package io.dormouse.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A piece of work that Dormouse and others do in turns.
 *
 * @param name of the row
 * @param unit of its values
 * @param better whether lower or higher values are
 * @param words what the contenders are told of the work
 * @param pace how often, and whether each time in a new process
 * @param ours Dormouse
 * @param peers the others, each with what Dormouse should reach beside it
 * @param goal what Dormouse should reach by itself
 * @param jvmOptions of every contender's process
 */
public record Contest(
    String name,
    String unit,
    Better better,
    List<String> words,
    Pace pace,
    Class<? extends Contender> ours,
    List<Peer> peers,
    Optional<Goal> goal,
    List<String> jvmOptions) {
  /** Which values win. */
  public enum Better {
    LOWER,
    HIGHER
  }

  /** Another contender. */
  public record Peer(String name, Class<? extends Contender> contender, Optional<Goal> goal) {}

  /**
   * How often.
   *
   * @param warmUps rounds that don't count
   * @param rounds rounds that do
   * @param fresh whether each round has a new process
   */
  public record Pace(int warmUps, int rounds, boolean fresh) {}

  /** A contest that the lower value wins. */
  public static Contest lower(
      String name, String unit, Class<? extends Contender> ours, Pace pace) {
    return new Contest(
        name, unit, Better.LOWER, List.of(), pace, ours, List.of(), Optional.empty(), List.of());
  }

  /** A contest that the higher value wins. */
  public static Contest higher(
      String name, String unit, Class<? extends Contender> ours, Pace pace) {
    return new Contest(
        name, unit, Better.HIGHER, List.of(), pace, ours, List.of(), Optional.empty(), List.of());
  }

  /** With what the contenders are told. */
  public Contest saying(Object... told) {
    List<String> all = Arrays.stream(told).map(String::valueOf).toList();
    return new Contest(name, unit, better, all, pace, ours, peers, goal, jvmOptions);
  }

  /** With a goal that needs no peer. */
  public Contest reaching(Goal wanted) {
    return new Contest(
        name, unit, better, words, pace, ours, peers, Optional.of(wanted), jvmOptions);
  }

  /** With options for the JVMs of all contenders. */
  public Contest inJvmWith(String... options) {
    return new Contest(name, unit, better, words, pace, ours, peers, goal, List.of(options));
  }

  /** With a peer. */
  public Contest beside(String peer, Class<? extends Contender> contender, Goal goal) {
    return with(new Peer(peer, contender, Optional.of(goal)));
  }

  /** With a peer that is measured for comparison alone. */
  public Contest beside(String peer, Class<? extends Contender> contender) {
    return with(new Peer(peer, contender, Optional.empty()));
  }

  private Contest with(Peer peer) {
    List<Peer> all = new ArrayList<>(peers);
    all.add(peer);
    return new Contest(name, unit, better, words, pace, ours, List.copyOf(all), goal, jvmOptions);
  }
}
