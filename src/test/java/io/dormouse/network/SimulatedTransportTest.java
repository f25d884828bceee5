package io.dormouse.network;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.Loop;
import io.dormouse.loop.ManualLoop;
import io.dormouse.network.simulated.Host;
import io.dormouse.network.simulated.Peer;
import io.dormouse.network.simulated.Peers;
import io.dormouse.network.simulated.SimulatedNetwork;
import io.dormouse.support.Sneaky;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The simulated network's streams, on virtual time. */
class SimulatedTransportTest extends TransportContractTest {
  private static final int PORT = 9_000;

  private final ManualLoop loop = new ManualLoop();
  private final SimulatedNetwork network = new SimulatedNetwork(loop, 1);
  private final Host host = network.host("10.0.0.1");

  @Override
  void end() {
    loop.advance(Duration.ofMinutes(5));
    assertThat(network.openSockets()).isZero();
    assertThat(loop.pendingTimers()).isEqualTo(network.pendingTimers());
    network.close();
  }

  @Override
  Network network() {
    return network;
  }

  @Override
  Loop loop() {
    return loop;
  }

  @Override
  InetSocketAddress serve(Behaviour behaviour) {
    Supplier<Peer> peer =
        switch (behaviour) {
          case ECHOES -> Peers.echo();
          case READS_NOTHING -> Peers.unread();
          case ENDS_ITS_SIDE_AFTER_WORDS -> Peers.halfClosing(US_ASCII.encode(WORDS));
          case RESETS_AFTER_A_BYTE -> Peers.resetAfter(1);
        };
    host.serve(PORT, peer);
    return host.at(PORT);
  }

  @Override
  InetSocketAddress refused() {
    return host.at(PORT);
  }

  @Override
  void onLoop(Action action) {
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
  void until(String what, BooleanSupplier condition) {
    for (int i = 0; i < 1_000 && !condition.getAsBoolean(); i++) {
      loop.advance(Duration.ofMillis(1));
    }
    assertThat(condition.getAsBoolean()).as(what).isTrue();
  }
}
