package io.dormouse.lifecycle.crac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleFollower;
import io.dormouse.lifecycle.LifecycleLog;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.support.Await;
import io.dormouse.support.FourKinds;
import io.dormouse.support.OsSockets;
import io.dormouse.support.RawServer;
import io.dormouse.support.servers.TcpEchoServer;
import io.dormouse.task.LongRunningTask;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.crac.CheckpointException;
import org.crac.Core;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checkpoints through org.crac's own API, on a JVM that looks at its descriptors as CRaC does. */
class CheckpointLifecycleTest {
  @BeforeAll
  static void haveTheJvmKnowCheckpoints() {
    Assumptions.assumeTrue(OsSockets.isAvailable());
    System.setProperty("org.crac.Core.Compat", "io.dormouse.lifecycle.crac.vm");
  }

  @BeforeEach
  void begin() {
    io.dormouse.lifecycle.crac.vm.Core.begin();
  }

  private static void awaitOpen(ConnectionRegistry registry) {
    for (Connection connection : registry.connections()) {
      Await.get(connection.whenOpen());
    }
  }

  private static TcpEchoServer started() {
    TcpEchoServer server = new TcpEchoServer();
    server.start();
    return server;
  }

  /** Returns what was said of the refusal, the hooks' reasons included. */
  private static String refusal() {
    Throwable refused = catchThrowable(Core::checkpointRestore);
    assertThat(refused).isInstanceOf(CheckpointException.class);
    List<String> reasons = new ArrayList<>();
    for (Throwable reason : refused.getSuppressed()) {
      reasons.add(reason.getMessage());
    }
    return String.join("\n", reasons);
  }

  @Test
  void aCheckpointFindsNoSocketAndAllAreBackAfterTheRestore() throws Exception {
    CheckpointLifecycle checkpoints = CheckpointLifecycle.register();
    LifecycleLog log = LifecycleLog.on(checkpoints);
    ManualAppLifecycle app = new ManualAppLifecycle();
    try (ConnectionRegistry registry =
            ConnectionRegistry.builder(AppLifecycle.allOf(app, checkpoints)).build();
        FourKinds kinds = new FourKinds(registry)) {
      checkpoints.guard(registry);
      io.dormouse.lifecycle.crac.vm.Core.ignoreWhatIsOpen(); // the servers are in this process
      app.onForeground();
      for (int round = 0; round < 3; round++) {
        kinds.awaitOpen();
        kinds.roundTrips("before the checkpoint");
        Core.checkpointRestore();
      }
      kinds.awaitOpen();
      kinds.roundTrips("after the restore");
      assertThat(log.events())
          .containsExactly(
              "background", "foreground", "background", "foreground", "background", "foreground");
    }
  }

  @Test
  void aConnectionThatATaskKeepsOpenIsNamedAndTheCheckpointRefused() {
    CheckpointLifecycle checkpoints = CheckpointLifecycle.register();
    try (ConnectionRegistry registry = ConnectionRegistry.builder(checkpoints).build();
        TcpEchoServer server = started()) {
      checkpoints.guard(registry);
      Connection kept = registry.tcp("orders").connectTo("127.0.0.1", server.port()).register();
      Connection other = registry.tcp("prices").connectTo("127.0.0.1", server.port()).register();
      awaitOpen(registry);
      try (LongRunningTask upload = registry.startTask("upload", task -> task.covering(kept))) {
        assertThat(upload.ending()).isEmpty();
        assertThat(refusal())
            .startsWith("sockets are open: orders (OPEN), kept open by the task upload")
            .doesNotContain("prices");
      }
      Await.get(other.whenOpen());
      assertThat(checkpoints.state()).isEqualTo(AppState.FOREGROUND);
    }
  }

  @Test
  void aRegistryThatIsTooSlowIsSaidAndTheCheckpointRefused() {
    CheckpointLifecycle hasty = new CheckpointLifecycle(Duration.ofNanos(1));
    Core.getGlobalContext().register(hasty);
    try (ConnectionRegistry registry =
            ConnectionRegistry.builder(hasty).closeTimeout(Duration.ofMillis(100)).build();
        RawServer server = new RawServer()) { // it does not answer, so all wait for that
      hasty.guard(registry);
      Connection slow = registry.tcp("slow").connectTo("127.0.0.1", server.port()).register();
      Await.get(slow.whenOpen());
      assertThat(refusal()).startsWith("the registry has not settled within PT0.000000001S");
      assertThat(hasty.state()).isEqualTo(AppState.FOREGROUND);
    }
  }

  @Test
  void whoGuardsNothingMakesNoCheckpoint() {
    CheckpointLifecycle checkpoints = CheckpointLifecycle.register();
    assertThat(refusal()).contains("guard(registry) was not called");
    assertThat(checkpoints.state()).isEqualTo(AppState.FOREGROUND);
  }

  @Test
  void aRegistryThatFollowsAnotherLifecycleIsFoundOut() {
    CheckpointLifecycle checkpoints = CheckpointLifecycle.register();
    try (ConnectionRegistry registry =
            ConnectionRegistry.builder(AppLifecycle.alwaysForeground()).build();
        TcpEchoServer server = started()) {
      checkpoints.guard(registry);
      Connection tcp = registry.tcp("tcp").connectTo("127.0.0.1", server.port()).register();
      Await.get(tcp.whenOpen());
      assertThat(refusal()).startsWith("sockets are open: tcp (OPEN)");
      // Not every JVM calls the other hook when this one has refused.
      assertThatThrownBy(() -> checkpoints.beforeCheckpoint(null))
          .isInstanceOf(CheckpointException.class);
      assertThat(checkpoints.state()).isEqualTo(AppState.FOREGROUND);
    }
  }

  @Test
  void anAppInTheBackgroundStaysThereAfterTheRestore() throws Exception {
    ManualAppLifecycle app = new ManualAppLifecycle();
    CheckpointLifecycle checkpoints = CheckpointLifecycle.register();
    try (ConnectionRegistry registry =
            ConnectionRegistry.builder(AppLifecycle.allOf(app, checkpoints)).build();
        TcpEchoServer server = started()) {
      checkpoints.guard(registry);
      Connection tcp = registry.tcp("tcp").connectTo("127.0.0.1", server.port()).register();
      app.onForeground();
      Await.get(tcp.whenOpen());
      app.onBackground();
      Await.get(registry.settled());
      Core.checkpointRestore();
      assertThat(tcp.state()).isEqualTo(ConnectionState.SUSPENDED);
      assertThat(server.accepted()).isEqualTo(1);
      app.onForeground();
      Await.get(tcp.whenOpen());
    }
  }

  @Test
  void aClosedRegistryIsInNobodysWay() throws Exception {
    CheckpointLifecycle checkpoints = CheckpointLifecycle.register();
    ConnectionRegistry registry = ConnectionRegistry.builder(checkpoints).build();
    checkpoints.guard(registry);
    registry.close();
    Core.checkpointRestore();
  }

  /** Such as an error for lack of memory: no JVM is sure to call the other hook then. */
  @Test
  void whateverIsThrownInAHookLeavesNobodyAsleep() {
    CheckpointLifecycle checkpoints = new CheckpointLifecycle(Duration.ofSeconds(1));
    checkpoints.guard(
        (LifecycleFollower)
            Proxy.newProxyInstance(
                LifecycleFollower.class.getClassLoader(),
                new Class<?>[] {LifecycleFollower.class},
                (proxy, method, args) -> {
                  throw new OutOfMemoryError("on purpose");
                }));
    assertThatThrownBy(() -> checkpoints.beforeCheckpoint(null))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(checkpoints.state()).isEqualTo(AppState.FOREGROUND);
  }

  @Test
  void aTimeoutMustBePositive() {
    assertThatThrownBy(() -> new CheckpointLifecycle(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
