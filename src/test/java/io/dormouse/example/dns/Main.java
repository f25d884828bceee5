package io.dormouse.example.dns;

import io.dormouse.ConnectionRegistry;
import io.dormouse.example.Stage;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Plays an app that looks names up, and finds printers, over UDP. */
public final class Main {
  private Main() {}

  /** The command line. */
  public static void main(String... args) {
    Stage.play(Main::play);
  }

  /** First one name server, then all printers of the network. */
  public static void play(Stage stage) throws Exception {
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    try (ConnectionRegistry registry = ConnectionRegistry.builder(lifecycle).build()) {
      lookUp(stage, lifecycle, registry);
      browse(stage, lifecycle, registry);
    }
  }

  private static void lookUp(Stage stage, ManualAppLifecycle lifecycle, ConnectionRegistry registry)
      throws Exception {
    try (DnsServer server = new DnsServer()) {
      Duration patience = Duration.ofMillis(200);
      DnsClient dns = new DnsClient(registry, server.host(), server.port(), patience);
      for (int i = 0; i < 2; i++) {
        stage.foreground(lifecycle);
        List<InetAddress> found = stage.await("it is found", dns.addresses("nest.example"));
        stage.say("found: " + found + ", queries so far: " + server.queries());
        String unknown = failure(stage, dns.addresses("burrow.example"));
        stage.say("not found: " + unknown);
        stage.expect(unknown.contains("burrow.example"), "it says which");
        CompletableFuture<List<InetAddress>> last = dns.addresses("silent.example");
        stage.background(lifecycle, registry);
        stage.say("what had no answer yet: " + failure(stage, last));
      }
    }
  }

  private static void browse(Stage stage, ManualAppLifecycle lifecycle, ConnectionRegistry registry)
      throws Exception {
    NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    try (Printer den = new Printer("den", loopback, 0)) {
      ServiceBrowser browser =
          new ServiceBrowser(registry, Printer.TYPE, loopback.getName(), den.port());
      stage.foreground(lifecycle);
      awaitPrinters(stage, browser, "den");
      Printer attic = new Printer("attic", loopback, den.port());
      awaitPrinters(stage, browser, "attic", "den");

      stage.background(lifecycle, registry);
      attic.close();
      try (Printer cellar = new Printer("cellar", loopback, den.port())) {
        stage.say("meanwhile: " + attic.name() + " has left, " + cellar.name() + " has come");
        stage.foreground(lifecycle);
        awaitPrinters(stage, browser, "cellar", "den");
      }
      awaitPrinters(stage, browser, "den");
      stage.background(lifecycle, registry);
    }
  }

  private static void awaitPrinters(Stage stage, ServiceBrowser browser, String... names)
      throws InterruptedException {
    Set<String> all = Set.of(names);
    stage.awaitUntil(
        "the printers are known",
        () ->
            browser.services().size() == all.size()
                && browser.services().stream()
                    .allMatch(each -> all.contains(each.split("\\.")[0])));
    stage.say("printers: " + browser.services());
  }

  private static String failure(Stage stage, CompletableFuture<?> answer) throws Exception {
    return stage
        .await("it fails", answer.<Throwable>handle((found, failure) -> failure))
        .getMessage();
  }
}
