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
 * @param contender does the work, with the library that its setting names
 * @param words what the contenders are told of the work
 * @param pace how often, and whether each time in a new process
 * @param comparison how a ratio is made of what the rounds gave
 * @param together whether all contenders live in one process
 * @param peers the others, each with what Dormouse should reach beside it
 * @param goal what Dormouse should reach by itself
 * @param jvmOptions of every contender's process
 */
public record Contest(
    String name,
    String unit,
    Better better,
    Class<? extends Contender> contender,
    List<String> words,
    Pace pace,
    Comparison comparison,
    boolean together,
    List<Peer> peers,
    Optional<Goal> goal,
    List<String> jvmOptions) {
  /** What contenders know Dormouse by. */
  public static final String OURS = "dormouse";

  /** Which values win. */
  public enum Better {
    LOWER,
    HIGHER
  }

  /**
   * Another contender.
   *
   * @param name for readers
   * @param library what contenders know it by
   * @param goal what Dormouse should reach beside it; empty if it is there for comparison alone
   */
  public record Peer(String name, String library, Optional<Goal> goal) {}

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
      String name, String unit, Class<? extends Contender> contender, Pace pace) {
    return begin(name, unit, Better.LOWER, contender, pace);
  }

  /** A contest that the higher value wins. */
  public static Contest higher(
      String name, String unit, Class<? extends Contender> contender, Pace pace) {
    return begin(name, unit, Better.HIGHER, contender, pace);
  }

  private static Contest begin(
      String name, String unit, Better better, Class<? extends Contender> contender, Pace pace) {
    return new Contest(
        name,
        unit,
        better,
        contender,
        List.of(),
        pace,
        Comparison.MEDIANS,
        false,
        List.of(),
        Optional.empty(),
        List.of());
  }

  /** With what the contenders are told. */
  public Contest saying(Object... told) {
    List<String> all = Arrays.stream(told).map(String::valueOf).toList();
    return new Contest(
        name, unit, better, contender, all, pace, comparison, together, peers, goal, jvmOptions);
  }

  /** With ratios made another way. */
  public Contest comparing(Comparison chosen) {
    return new Contest(
        name, unit, better, contender, words, pace, chosen, together, peers, goal, jvmOptions);
  }

  /**
   * In one process for all contenders. Two processes of one program differ by some percent, by the
   * luck of their compilers and where their threads run; here all share it. For contenders that run
   * the same code but for a little, and that leave each other alone.
   */
  public Contest inOneProcess() {
    return new Contest(
        name, unit, better, contender, words, pace, comparison, true, peers, goal, jvmOptions);
  }

  /** With a goal that needs no peer. */
  public Contest reaching(Goal wanted) {
    return new Contest(
        name,
        unit,
        better,
        contender,
        words,
        pace,
        comparison,
        together,
        peers,
        Optional.of(wanted),
        jvmOptions);
  }

  /** With options for the JVMs of all contenders. */
  public Contest inJvmWith(String... options) {
    return new Contest(
        name,
        unit,
        better,
        contender,
        words,
        pace,
        comparison,
        together,
        peers,
        goal,
        List.of(options));
  }

  /** With a peer. */
  public Contest beside(String peer, String library, Goal wanted) {
    return with(new Peer(peer, library, Optional.of(wanted)));
  }

  /** With a peer that is measured for comparison alone. */
  public Contest beside(String peer, String library) {
    return with(new Peer(peer, library, Optional.empty()));
  }

  private Contest with(Peer peer) {
    List<Peer> all = new ArrayList<>(peers);
    all.add(peer);
    return new Contest(
        name,
        unit,
        better,
        contender,
        words,
        pace,
        comparison,
        together,
        List.copyOf(all),
        goal,
        jvmOptions);
  }
}
