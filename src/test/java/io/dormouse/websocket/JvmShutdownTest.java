package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.bench.Child;
import io.dormouse.lifecycle.jvm.EndingJvm;
import io.dormouse.support.Await;
import io.dormouse.support.RawServer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a peer sees when the JVM of the app ends. */
class JvmShutdownTest {
  private final RawServer server = new RawServer();

  private Child start(String how) throws Exception {
    return Child.start(
        EndingJvm.class,
        List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"),
        List.of(String.valueOf(server.port()), how));
  }

  @Test
  void aGuardedRegistrySaysGoodbyeBeforeTheJvmEnds() throws Exception {
    try (server;
        Child jvm = start("guarded");
        HandPeer peer = HandPeer.accept(server)) {
      assertThat(jvm.await("chat", Await.LIMIT)).contains("open");
      jvm.tell("exit");
      assertThat(peer.answerClose().code()).isEqualTo(1000);
    }
  }

  /** Without the hook the same process just goes, which is what the other test would see too. */
  @Test
  void oneThatNobodyGuardsIsGoneWithoutAWord() throws Exception {
    try (server;
        Child jvm = start("bare");
        HandPeer peer = HandPeer.accept(server)) {
      assertThat(jvm.await("chat", Await.LIMIT)).contains("open");
      jvm.tell("exit");
      peer.readEnd();
    }
  }
}
