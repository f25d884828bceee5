package io.dormouse.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.Loop;
import io.dormouse.loop.ManualLoop;
import io.dormouse.network.simulated.Host;
import io.dormouse.network.simulated.SimulatedNetwork;
import io.dormouse.support.Sneaky;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** The simulated network's datagrams, on virtual time. */
class SimulatedDatagramsTest extends DatagramContractTest {
  private static final int PORT = 9_000;

  private final ManualLoop loop = new ManualLoop();
  private final SimulatedNetwork network = new SimulatedNetwork(loop, 1);
  private final Host host = network.host("10.0.0.1");

  @Override
  void end() {
    loop.advance(Duration.ofMinutes(5));
    assertThat(network.openSockets()).isZero();
    assertThat(loop.pendingTimers()).isZero();
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
  InetSocketAddress serveEcho() {
    host.serveDatagrams(PORT, (from, data, reply) -> reply.accept(data));
    return host.at(PORT);
  }

  @Override
  InetSocketAddress unreachable() {
    return host.at(PORT + 1);
  }

  @Override
  void onLoop(TransportContractTest.Action action) {
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
