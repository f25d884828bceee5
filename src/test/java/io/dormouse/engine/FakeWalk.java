package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import io.dormouse.loop.ManualLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A walk with wires that are played: each step of a wire may go well, later, wrong or throw. */
final class FakeWalk extends Walk {
  FakeWalk(long seed) {
    this(seed, new Random(seed));
  }

  private FakeWalk(long seed, Random random) {
    super(random, rig(seed, random));
    if (random.nextInt(4) == 0) {
      rig.callbacks.runInCaller();
    }
    rig.onAttempt(
        connection -> {
          Walker walker = walkerOf(connection);
          walker.check(walker.mayAttempt(), "an attempt while it is not wanted");
        });
    addWitness();
  }

  private static Rig rig(long seed, Random random) {
    ManualLoop loop = new ManualLoop(random.nextLong());
    Random jitter = new Random(seed + 1);
    return new Rig(1 + random.nextInt(2), jitter::nextDouble, loop);
  }

  @Override
  Walker newWalker(String name, int priority) {
    FakeConnection connection = rig.prepared(name, priority, RetryPolicy.standard());
    return new FakeWalker(rig.engine.register(connection));
  }

  @Override
  Duration mostToOpen() {
    return Duration.ZERO;
  }

  @Override
  Duration mostForWitness() {
    return Duration.ofSeconds(1);
  }

  @Override
  Duration mostToClose() {
    return Duration.ZERO;
  }

  private FakeWalker walkerOf(FakeConnection connection) {
    for (Walker walker : walkers) {
      if (walker.connection == connection) {
        return (FakeWalker) walker;
      }
    }
    throw new AssertionError("unknown: " + connection);
  }

  @Override
  void playPeer(Walker any) {
    FakeWalker walker = (FakeWalker) any;
    FakeConnection connection = walker.fake;
    if (connection.liveWires() == 0 || isWitness(walker)) {
      return;
    }
    FakeWire wire = connection.wire();
    int dice = random.nextInt(10);
    note("wire of " + connection + " plays " + dice);
    Runnable play =
        switch (dice) {
          case 0, 1, 2 -> wire.isConnecting() ? wire::up : () -> {};
          case 3 -> () -> wire.end(anyReason());
          case 4 -> wire.isFlushing() ? wire::flushed : () -> {};
          case 5 -> wire.isSoftClosing() ? wire::finishGracefulClose : () -> {};
          case 6 -> wire::writeOne;
          case 7 -> wire::writeAll;
          default -> () -> walker.receive(wire, random.nextInt(60));
        };
    rig.loop.execute(
        () -> {
          if (wire.isLive()) {
            play.run();
          } else if (random.nextInt(4) == 0) {
            tellTooLate(wire);
          }
        });
  }

  private void tellTooLate(FakeWire wire) {
    switch (random.nextInt(4)) {
      case 0 -> wire.generation.connected();
      case 1 -> wire.generation.flushed();
      case 2 -> wire.generation.closed();
      default -> wire.generation.ended(CloseReason.of(Kind.NETWORK_LOST));
    }
  }

  private CloseReason anyReason() {
    Kind[] kinds = {
      Kind.NETWORK_LOST,
      Kind.PEER_RESET,
      Kind.PEER_CLOSED,
      Kind.UNRESOLVED,
      Kind.CONNECT_FAILED,
      Kind.TLS_FAILED
    };
    return CloseReason.of(kinds[random.nextInt(kinds.length)]);
  }

  @Override
  void changeBehavior(Walker any) {
    FakeWalker walker = (FakeWalker) any;
    if (isWitness(walker)) {
      return;
    }
    Step[] all = Step.values();
    Step step = all[random.nextInt(all.length)];
    int dice = random.nextInt(10);
    Answer answer = Answer.LATER;
    if (dice < 4 || step == Step.COUNT_SOCKETS) {
      answer = Answer.AT_ONCE;
    } else if (dice == 4 && step != Step.ABORT && step != Step.MAKING) {
      answer = Answer.ENDS;
    } else if (dice == 5) {
      answer = Answer.THROWS;
    }
    note(walker.fake + " answers to " + step + " " + answer);
    walker.fake.answer(step, answer);
    if (random.nextInt(3) == 0) {
      walker.behavior = random.nextInt(4);
      walker.fake.opening(walker.behavior == 0 ? null : walker::open);
    }
    walker.restless = random.nextInt(5) == 0;
  }

  private final class FakeWalker extends Walker {
    final FakeConnection fake;

    FakeWalker(FakeConnection connection) {
      super(FakeWalk.this);
      begin(connection);
      this.fake = connection;
    }

    @Override
    void behave() {
      for (Step step : Step.values()) {
        fake.answer(step, Answer.AT_ONCE);
      }
      fake.opening(null);
      restless = false;
    }

    @Override
    CompletableFuture<Void> submit(String text, long opening) {
      return opening == 0 ? fake.send(text) : fake.sendOpening(text, opening);
    }

    @Override
    long sockets() {
      return fake.liveWires();
    }

    void receive(FakeWire wire, int bytes) {
      boolean goesOn =
          wire.generation.deliver(
              bytes,
              () -> {
                enterCallback(wire.number);
                check(wire.number >= heardGeneration, "data of an older generation");
                check(wire.number > heardEndOf, "data after the end of its generation");
                act();
                leaveCallback();
              });
      check(goesOn || rig.callbacks.size() > 0, "reading stops though nobody is behind");
    }

    @Override
    void checkReceived(List<String> texts, List<CompletableFuture<Void>> sends) {
      Set<String> received = new HashSet<>(fake.received);
      check(received.size() == fake.received.size(), "received twice");
      int before = -1;
      for (String text : fake.received) {
        int number = texts.indexOf(text);
        check(number > before, "received out of order: " + fake.received);
        before = number;
      }
      for (int i = 0; i < sends.size(); i++) {
        check(
            received.contains(texts.get(i)) == !sends.get(i).isCompletedExceptionally(),
            "the outcome of " + texts.get(i) + " is not true");
      }
    }
  }
}
