package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.Connection;
import io.dormouse.connection.TlsOptions;
import io.dormouse.http.InFlight;
import io.dormouse.http.WhileSuspended;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.task.TaskOptions;
import io.dormouse.tcp.Framing;
import io.dormouse.websocket.Compression;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import okhttp3.CertificatePinner;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is null is refused at once, and the error says whose it is and which argument. */
class NullArgumentsTest {
  private static final String NAME = "chat";

  private final ConnectionRegistry registry =
      ConnectionRegistry.builder(new ManualAppLifecycle()).build();

  /** What takes its place where another argument is null. */
  private final Map<Class<?>, Object> others =
      Map.ofEntries(
          Map.entry(int.class, 1000),
          Map.entry(boolean.class, true),
          Map.entry(String.class, "224.0.0.251"),
          Map.entry(String[].class, new String[] {"a"}),
          Map.entry(Connection[].class, new Connection[0]),
          Map.entry(Duration.class, Duration.ofSeconds(1)),
          Map.entry(
              InetSocketAddress.class, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)),
          Map.entry(StandardProtocolFamily.class, StandardProtocolFamily.INET),
          Map.entry(ByteBuffer.class, ByteBuffer.allocate(1)),
          Map.entry(OkHttpClient.class, new OkHttpClient()),
          Map.entry(InFlight.class, InFlight.DRAIN),
          Map.entry(WhileSuspended.class, WhileSuspended.failFast()),
          Map.entry(Compression.class, Compression.deflate()),
          Map.entry(CertificatePinner.class, CertificatePinner.DEFAULT),
          Map.entry(SSLContext.class, defaultContext()),
          Map.entry(Framing.class, Framing.lines(1)));

  private static SSLContext defaultContext() {
    try {
      return SSLContext.getDefault();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void ofABuilder() {
    List<String> bad = new ArrayList<>();
    for (Object builder :
        List.of(
            registry.http(NAME),
            registry.tcp(NAME),
            registry.udp(NAME),
            registry.webSocket(NAME))) {
      check(builder, builder.getClass(), NAME, bad);
    }
    check(
        ConnectionRegistry.builder(new ManualAppLifecycle()),
        ConnectionRegistry.Builder.class,
        "registry",
        bad);
    registry.tcp(NAME).tls(tls -> check(tls, TlsOptions.class, NAME, bad));
    registry.startTask("upload", task -> check(task, TaskOptions.class, "task", bad));
    assertThat(bad).isEmpty();
  }

  @Test
  void ofAConnection() {
    List<String> bad = new ArrayList<>();
    int port = 1;
    for (Connection connection :
        List.of(
            registry.http("http").register(),
            registry.tcp("tcp").connectTo("localhost", port).register(),
            registry.udp("udp").connectTo("localhost", port).register(),
            registry.webSocket("ws").connectTo("ws://localhost/").register())) {
      check(
          connection,
          connection.getClass().getInterfaces()[0],
          "(" + connection.name() + "|send|sendBinary)",
          bad);
    }
    assertThat(bad).isEmpty();
  }

  @Test
  void ofTheRegistry() {
    List<String> bad = new ArrayList<>();
    check(
        registry,
        ConnectionRegistry.class,
        "(registry|the name of .*|awaitSettled|224.0.0.251)",
        bad);
    assertThat(bad).isEmpty();
  }

  /** Calls all that is public with each of its arguments null in turn. */
  private void check(Object target, Class<?> type, String who, List<String> bad) {
    int calls = 0;
    for (Method method : type.getMethods()) {
      boolean ofJava = method.getDeclaringClass() == Object.class;
      if (ofJava || method.isBridge() || Modifier.isStatic(method.getModifiers())) {
        continue;
      }
      Class<?>[] types = method.getParameterTypes();
      for (int i = 0; i < types.length; i++) {
        if (!types[i].isPrimitive()) {
          calls++;
          String message = messageWithNull(target, method, i);
          if (!message.matches(who + "(: .+)? is null")) {
            bad.add(type.getSimpleName() + "." + method.getName() + ", " + i + ": " + message);
          }
        }
      }
    }
    assertThat(calls).as("arguments of %s", type).isPositive();
  }

  private String messageWithNull(Object target, Method method, int which) {
    Class<?>[] types = method.getParameterTypes();
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      arguments[i] = i == which ? null : other(types[i]);
    }
    try {
      method.setAccessible(true);
      method.invoke(target, arguments);
      return "no error";
    } catch (InvocationTargetException e) {
      Throwable thrown = e.getCause();
      return thrown instanceof NullPointerException ? thrown.getMessage() + "" : thrown.toString();
    } catch (IllegalAccessException e) {
      return e.toString();
    }
  }

  private Object other(Class<?> type) {
    Object known = others.get(type);
    if (known != null) {
      return known;
    } else if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    }
    assertThat(type).as("a type without a value").isInterface();
    return Proxy.newProxyInstance(
        type.getClassLoader() == null ? getClass().getClassLoader() : type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, its) -> null);
  }
}
