package io.dormouse.bench.micro;

import io.dormouse.bench.Comparison;
import io.dormouse.bench.Contest;
import io.dormouse.bench.Goal;
import io.dormouse.bench.report.Row;
import io.dormouse.bench.report.Spread;
import io.dormouse.callbacks.SerialExecutorBenchmark;
import io.dormouse.engine.MachineBenchmark;
import io.dormouse.websocket.DecodeBenchmark;
import io.dormouse.websocket.EncodeBenchmark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A benchmark of JMH, and the rows that are made of it.
 *
 * @param name of the rows
 * @param benchmark whose methods bear the names of the libraries
 * @param peers beside ours
 */
record Micro(String name, Class<?> benchmark, List<Contest.Peer> peers) {
  /** In the order they are measured. */
  static final List<Micro> ALL =
      List.of(
          new Micro(
              "micro.timer",
              TimerBenchmark.class,
              List.of(
                  peer("ScheduledThreadPoolExecutor", "executor"),
                  peer("Netty's HashedWheelTimer", "wheel"))),
          new Micro(
              "micro.callback",
              SerialExecutorBenchmark.class,
              List.of(peer("single-thread executor", "executor"))),
          new Micro("micro.ws.encode", EncodeBenchmark.class, List.of(peer("OkHttp", "okhttp"))),
          new Micro(
              "micro.ws.decode",
              DecodeBenchmark.class,
              List.of(new Contest.Peer("OkHttp", "okhttp", Optional.of(new Goal.Ratio(1))))),
          new Micro("micro.step", MachineBenchmark.class, List.of()),
          new Micro("micro.decide", PolicyBenchmark.class, List.of()));

  private static Contest.Peer peer(String name, String library) {
    return new Contest.Peer(name, library, Optional.empty());
  }

  /** Returns the names of the methods, each with its class. */
  List<String> methods() {
    List<String> methods = new ArrayList<>(List.of(method(Contest.OURS)));
    peers.forEach(peer -> methods.add(method(peer.library())));
    return methods;
  }

  private String method(String library) {
    return benchmark.getName() + "." + library;
  }

  /**
   * Returns a row for each peer, or one if there is none.
   *
   * @param results JMH's, by method; what did not come is missing
   */
  List<Row> rows(Map<String, List<Double>> results) {
    if (peers.isEmpty()) {
      return List.of(row(results, Optional.empty()));
    }
    return peers.stream().map(peer -> row(results, Optional.of(peer))).toList();
  }

  private Row row(Map<String, List<Double>> results, Optional<Contest.Peer> peer) {
    List<Double> ours = results.getOrDefault(method(Contest.OURS), List.of());
    Optional<List<Double>> theirs =
        peer.map(other -> results.getOrDefault(method(other.library()), List.of()));
    List<String> remarks = new ArrayList<>();
    if (ours.isEmpty()) {
      remarks.add("Dormouse: no result in time");
    }
    if (theirs.isPresent() && theirs.get().isEmpty()) {
      remarks.add(peer.get().name() + ": no result in time");
    }
    Spread our = Comparison.spread(ours);
    Optional<Spread> their = theirs.map(Comparison::spread);
    double ratio =
        theirs
            .map(values -> Comparison.MEDIANS.ratio(Contest.Better.LOWER, ours, values))
            .orElse(Double.NaN);
    Optional<Goal> goal = peer.flatMap(Contest.Peer::goal);
    return new Row(
        name,
        "ns/op",
        our,
        their,
        peer.map(Contest.Peer::name).orElse(""),
        ratio,
        goal.map(Goal::toString).orElse(""),
        goal.map(wanted -> wanted.ratioBeside(their.map(Spread::median).orElse(Double.NaN)))
            .orElse(Double.NaN),
        goal.map(wanted -> wanted.isMet(our.median(), ratio)).orElse(false),
        MicroMain.WARM_UPS,
        String.join("; ", remarks));
  }

  /** Reads a line of results: a method, and its values. */
  static void read(String line, Map<String, List<Double>> into) {
    String[] words = line.split(" ", -1);
    into.put(words[0], Arrays.stream(words).skip(1).map(Double::valueOf).toList());
  }
}
