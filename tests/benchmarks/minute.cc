// A minute of one Reno flow in ns-3: what bench_congestion.py runs beside our simulator. The same link (10 Mbit/s, 20 ms,
// 24 places), the same segments (1500 bytes with their headers), an ACK for each. It prints the seconds of processor, the
// samples of cwnd, the bytes delivered, and how often and from where (in segments) the window fell by a third or more.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>

#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

using namespace ns3;

const uint32_t SEGMENT = 1448;
unsigned samples, cuts;
uint32_t peak, highest;  // since the last cut; over all cuts

void cwnd(uint32_t, uint32_t now) {
  ++samples;
  if (now <= peak * 2 / 3) {
    ++cuts;
    highest = std::max(highest, peak);
    peak = 0;
  }
  peak = std::max(peak, now);
}

void watch() {
  Config::ConnectWithoutContext("/NodeList/0/$ns3::TcpL4Protocol/SocketList/0/CongestionWindow", MakeCallback(&cwnd));
}

int main() {
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", StringValue("ns3::TcpNewReno"));
  const std::map<std::string, uint32_t> settings = {
      {"SegmentSize", SEGMENT}, {"InitialCwnd", 10},      {"InitialSlowStartThreshold", 30 * SEGMENT},
      {"DelAckCount", 1},       {"SndBufSize", 4000000}, {"RcvBufSize", 4000000}};
  for (auto& [name, value] : settings) Config::SetDefault("ns3::TcpSocket::" + name, UintegerValue(value));

  NodeContainer hosts;
  hosts.Create(2);
  PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", StringValue("10Mbps"));
  link.SetChannelAttribute("Delay", StringValue("20ms"));
  link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("24p"));
  auto devices = link.Install(hosts);
  InternetStackHelper().Install(hosts);
  auto addresses = Ipv4AddressHelper("10.0.0.0", "255.255.255.0").Assign(devices);
  TrafficControlHelper().Uninstall(devices);  // the device's queue is the only one

  BulkSendHelper("ns3::TcpSocketFactory", InetSocketAddress(addresses.GetAddress(1), 5000)).Install(hosts.Get(0));
  PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 5000));
  auto sinks = sink.Install(hosts.Get(1));
  Simulator::Schedule(Seconds(0.001), &watch);  // by then the sender has its socket
  Simulator::Stop(Seconds(60));
  const auto began = std::clock();
  Simulator::Run();
  const double taken = double(std::clock() - began) / CLOCKS_PER_SEC;
  const auto received = DynamicCast<PacketSink>(sinks.Get(0))->GetTotalRx();
  std::printf("%.6f %u %lu %u %.2f\n", taken, samples, (unsigned long)received, cuts, double(highest) / SEGMENT);
}
