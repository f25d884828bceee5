package app;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionState;
import io.dormouse.http.HttpConnection;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.tcp.TcpConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import okhttp3.OkHttpClient;

/** Runs as a module, with modules alone. */
public final class App {
  public static void main(String[] args) throws Exception {
    Module dormouse = ConnectionRegistry.class.getModule();
    require(dormouse.isNamed(), "a module");
    require(dormouse.getName().equals("io.dormouse"), "io.dormouse, not " + dormouse);
    require(App.class.getModule().isNamed(), "a module that requires it");
    require(System.getProperty("java.class.path").isEmpty(), "nothing on the class path");
    for (String optional : List.of("org.crac", "micrometer.core", "org.junit.jupiter.api")) {
      require(ModuleLayer.boot().findModule(optional).isEmpty(), "no " + optional);
    }

    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build()) {
      HttpConnection http = registry.http("http").register();
      OkHttpClient client = http.client(); // of a module that io.dormouse requires for its users
      require(client != null, "a client");
      TcpConnection tcp =
          registry.tcp("tcp").connectTo("127.0.0.1", server.getLocalPort()).register();
      lifecycle.onForeground();
      tcp.whenOpen().get();
      lifecycle.onBackground();
      registry.settled().get();
      require(tcp.state() == ConnectionState.SUSPENDED, "SUSPENDED, not " + tcp.state());
      registry.assertQuiescent();
    }
    System.out.println("runs as a module of " + ModuleLayer.boot().modules().size());
  }

  private static void require(boolean held, String what) {
    if (!held) {
      throw new AssertionError("expected " + what);
    }
  }
}
