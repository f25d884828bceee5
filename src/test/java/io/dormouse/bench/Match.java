package io.dormouse.bench;

import io.dormouse.bench.Contest.Peer;
import io.dormouse.bench.load.Ports;
import io.dormouse.bench.report.Row;
import io.dormouse.bench.report.Spread;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Plays contests: in each round every contender once, one after the other, beginning with another
 * one each time, so that none always comes first or after the same neighbour.
 */
final class Match {
  /** More than any contender's own limit. */
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final Ports ports;

  Match(Ports ports) {
    this.ports = ports;
  }

  /** A contender and what its rounds gave; NaN for one that failed. */
  private static final class Seat {
    private final String name;
    private final String library;
    private final List<Double> values = new ArrayList<>();
    private int missing;
    private boolean out; // a round failed, and each more would cost the whole limit again

    Seat(String name, String library) {
      this.name = name;
      this.library = library;
    }

    void record(Optional<Round> played) {
      values.add(played.map(Round::value).orElse(Double.NaN));
      missing += played.map(Round::missing).orElse(0);
    }

    /** What a reader of its values must know; empty if nothing. */
    String remark() {
      List<String> remarks = new ArrayList<>();
      if (missing > 0) {
        remarks.add(name + ": " + missing + " did not come in time");
      }
      if (out) {
        remarks.add(name + ": a round failed, and it played no more");
      }
      return String.join("; ", remarks);
    }
  }

  /** Returns a row for each peer, or one if there is none. */
  List<Row> play(Contest contest) throws IOException, InterruptedException {
    List<Seat> seats = new ArrayList<>();
    seats.add(new Seat("Dormouse", Contest.OURS));
    contest.peers().forEach(peer -> seats.add(new Seat(peer.name(), peer.library())));
    if (contest.pace().fresh()) {
      playFresh(contest, seats);
    } else {
      playSteady(contest, seats);
    }
    return rows(contest, seats);
  }

  private void playFresh(Contest contest, List<Seat> seats)
      throws IOException, InterruptedException {
    int all = contest.pace().warmUps() + contest.pace().rounds();
    for (int round = 0; round < all; round++) {
      for (int i : order(seats.size(), round)) {
        try (Child process = start(contest, seats.subList(i, i + 1))) {
          Optional<Round> played = playRound(process, seats.get(i));
          if (round >= contest.pace().warmUps()) {
            seats.get(i).record(played);
          }
        }
      }
    }
  }

  private void playSteady(Contest contest, List<Seat> seats)
      throws IOException, InterruptedException {
    List<Child> processes = new ArrayList<>();
    try {
      for (int i = 0; i < seats.size(); i++) {
        List<Seat> inside = contest.together() ? seats : seats.subList(i, i + 1);
        boolean another = processes.isEmpty() || !contest.together();
        processes.add(another ? start(contest, inside) : processes.get(0));
      }
      int all = contest.pace().warmUps() + contest.pace().rounds();
      for (int round = 0; round < all; round++) {
        for (int i : order(seats.size(), round)) {
          Optional<Round> played = playRound(processes.get(i), seats.get(i));
          if (round >= contest.pace().warmUps()) {
            seats.get(i).record(played);
          }
        }
      }
    } finally {
      for (Child process : processes) {
        process.close();
      }
    }
  }

  private static List<Integer> order(int size, int round) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      order.add(i);
    }
    Collections.rotate(order, -(round % size));
    return order;
  }

  private Child start(Contest contest, List<Seat> inside) throws IOException {
    String libraries = inside.stream().map(seat -> seat.library).collect(Collectors.joining(","));
    List<String> args =
        new ArrayList<>(List.of(contest.contender().getName(), ports.toString(), libraries));
    args.addAll(contest.words());
    return Child.start(ContenderMain.class, contest.jvmOptions(), args);
  }

  private static Optional<Round> playRound(Child process, Seat seat) throws InterruptedException {
    if (seat.out) {
      return Optional.empty();
    }
    try {
      process.tell(seat.library);
    } catch (IOException e) {
      seat.out = true; // it has ended; it has said why on its error output
      return Optional.empty();
    }
    Optional<Round> played =
        process
            .await("round", LIMIT)
            .map(line -> line.split(" ", -1))
            .map(words -> new Round(Double.parseDouble(words[0]), Integer.parseInt(words[1])));
    seat.out = played.isEmpty();
    return played;
  }

  private static List<Row> rows(Contest contest, List<Seat> seats) {
    Seat ours = seats.get(0);
    List<Row> rows = new ArrayList<>();
    if (contest.peers().isEmpty()) {
      rows.add(row(contest, ours, Optional.empty(), "", contest.goal()));
    }
    for (int i = 0; i < contest.peers().size(); i++) {
      Peer peer = contest.peers().get(i);
      Optional<Goal> goal = peer.goal().isPresent() ? peer.goal() : contest.goal();
      rows.add(row(contest, ours, Optional.of(seats.get(i + 1)), peer.name(), goal));
    }
    return rows;
  }

  private static Row row(
      Contest contest, Seat ours, Optional<Seat> peer, String peerName, Optional<Goal> goal) {
    Spread our = Comparison.spread(ours.values);
    Optional<Spread> their = peer.map(seat -> Comparison.spread(seat.values));
    double ratio =
        peer.map(seat -> contest.comparison().ratio(contest.better(), ours.values, seat.values))
            .orElse(Double.NaN);
    List<String> remarks = new ArrayList<>();
    remarks.add(ours.remark());
    peer.ifPresent(seat -> remarks.add(seat.remark()));
    remarks.removeIf(String::isEmpty);
    return new Row(
        contest.name(),
        contest.unit(),
        our,
        their,
        peerName,
        ratio,
        goal.map(Goal::toString).orElse(""),
        goal.map(wanted -> wanted.ratioBeside(their.map(Spread::median).orElse(Double.NaN)))
            .orElse(Double.NaN),
        goal.map(wanted -> wanted.isMet(our.median(), ratio)).orElse(false),
        contest.pace().warmUps(),
        String.join("; ", remarks));
  }
}
