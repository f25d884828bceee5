package io.dormouse.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.Loop;
import io.dormouse.loop.ManualLoop;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.support.Await;
import io.dormouse.support.Sneaky;
import io.dormouse.testing.Host;
import io.dormouse.testing.SimulatedNetwork;
import io.dormouse.testing.Simulations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The loop and the network that a contract is tested on, and how a test waits on them. */
interface LoopFrame {
  Network network();

  Loop loop();

  /** Runs this on the loop, and whatever follows from it. */
  void onLoop(Action action);

  /** Lets things happen until this is so; fails if that takes long. Asked on the loop. */
  void until(String what, BooleanSupplier condition);

  /** Ends what the test has begun. */
  void end() throws Exception;

  /** Something that may fail. */
  interface Action {
    void run() throws Exception;
  }

  /** The system's network, on a thread of its own. */
  class Real implements LoopFrame {
    private final SelectorLoop loop = SelectorLoop.start("network-contract-test-io", () -> {});
    private final List<AutoCloseable> opened = Collections.synchronizedList(new ArrayList<>());

    /** Closes this at the end. */
    void closeAtTheEnd(AutoCloseable resource) {
      opened.add(resource);
    }

    /** Returns where nobody listens. */
    InetSocketAddress refused() throws IOException {
      try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return (InetSocketAddress) closed.getLocalSocketAddress();
      }
    }

    @Override
    public Network network() {
      return Network.system();
    }

    @Override
    public Loop loop() {
      return loop;
    }

    @Override
    public void onLoop(Action action) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      loop.execute(
          () -> {
            try {
              action.run();
              done.complete(null);
            } catch (Throwable e) {
              done.completeExceptionally(e);
            }
          });
      Void unused = Await.get(done);
    }

    @Override
    public void until(String what, BooleanSupplier condition) {
      Await.until(
          what,
          () -> {
            boolean[] is = new boolean[1];
            onLoop(() -> is[0] = condition.getAsBoolean());
            return is[0];
          });
    }

    @Override
    public void end() throws Exception {
      for (AutoCloseable each : List.copyOf(opened)) {
        each.close();
      }
      loop.stop();
      assertThat(loop.awaitEnd(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** The simulated network with one host, on virtual time. */
  final class Simulated implements LoopFrame {
    private final ManualLoop loop = new ManualLoop();
    private final SimulatedNetwork network = Simulations.network(loop, 1);
    final Host host = network.host("10.0.0.1");

    @Override
    public Network network() {
      return Simulations.seenBy(network);
    }

    @Override
    public Loop loop() {
      return loop;
    }

    @Override
    public void onLoop(Action action) {
      loop.execute(
          () -> {
            try {
              action.run();
            } catch (Exception e) {
              Sneaky.raise(e);
            }
          });
      loop.run();
      if (!loop.thrown().isEmpty()) {
        throw new AssertionError(loop.thrown().get(0));
      }
    }

    @Override
    public void until(String what, BooleanSupplier condition) {
      for (int i = 0; i < 1_000 && !condition.getAsBoolean(); i++) {
        loop.advance(Duration.ofMillis(1));
      }
      assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    @Override
    public void end() {
      loop.advance(Duration.ofMinutes(5));
      assertThat(network.openSockets()).isZero();
      assertThat(loop.pendingTimers()).isEqualTo(Simulations.pendingTimers(network));
      network.close();
    }
  }
}
