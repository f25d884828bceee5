package io.dormouse.documents;

import io.dormouse.loop.ManualLoop;
import io.dormouse.testing.Host;
import io.dormouse.testing.Peers;
import io.dormouse.testing.SimulatedNetwork;
import io.dormouse.testing.Simulations;
import java.time.Duration;

/** What the page on the library's own tests shows. */
final class Simulated {
  private Simulated() {}

  static void aLinkThatIsDownForAWhile() {
    // begin: simulatedNetwork
    ManualLoop loop = new ManualLoop();
    SimulatedNetwork network = Simulations.network(loop, 42);
    Host server = network.host("10.0.0.1", "server.example").serve(9000, Peers.echo());
    server.link().latency(Duration.ofMillis(40)).bandwidth(100_000).loss(0.01);
    server.link().down(); // silence: nobody is told
    loop.advance(Duration.ofSeconds(30));
    server.link().up(); // what TCP had sent is sent again
    // end: simulatedNetwork
  }
}
